// links: base core
#include "tests/unit/sse_samples.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* All that is to be sent now, as text: "S7" present status, "s2" a past one, "P9" progress, "E" the
 * end, "-" idle without a time limit, "w100" wait. */
static void check_steps(struct sse_cursor *c, const struct job_record *r, int64_t now_ms,
                        const char *want)
{
    char got[512] = "";
    for (size_t len = 0; len < sizeof got - 32;) {
        const struct sse_step s = sse_cursor_next(c, r, now_ms);
        const char *space = len > 0 ? " " : "";
        if (s.kind == SSE_STEP_END) {
            (void)snprintf(got + len, sizeof got - len, "%sE", space);
            break;
        }
        if (s.kind == SSE_STEP_IDLE) {
            (void)snprintf(got + len, sizeof got - len, s.wait_ms < 0 ? "%s-" : "%sw%lld", space,
                           (long long)s.wait_ms);
            break;
        }
        len += (size_t)snprintf(got + len, sizeof got - len, "%s%c%llu", space,
                                s.kind == SSE_STEP_PROGRESS ? 'P'
                                : s.present                 ? 'S'
                                                            : 's',
                                (unsigned long long)s.version);
    }
    cr_assert_str_eq(got, want);
}

#define QR "1:10:q;2:11:r:1:w1"

/* ---- what a client claims to have seen */

Test(sse, test_last_event_id_when_not_a_version_then_none)
{
    static const char *const bad[] = {"",
                                      "0",
                                      "-1",
                                      "+1",
                                      "01",
                                      "1.0",
                                      "0x1",
                                      " 2",
                                      "2 ",
                                      "2a",
                                      "two",
                                      "1,2",
                                      "18446744073709551616",
                                      "\"2\""};
    const struct job_record r = record(JOB_RUNNING, 2, QR);
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct sse_cursor c = cursor(bad[i]);
        cr_assert_not(sse_cursor_seen_end(&c, &r));
        check_steps(&c, &r, 0, "S2 -");
    }
}

Test(sse, test_next_when_the_id_is_from_the_future_then_the_full_state)
{
    const struct job_record r = record(JOB_RUNNING, 5, QR);
    struct sse_cursor c = cursor("6");
    check_steps(&c, &r, 0, "S5 -");
    c = cursor("18446744073709551615");
    check_steps(&c, &r, 0, "S5 -");
}

Test(sse, test_ahead_when_a_resumed_version_is_not_there_then_until_something_is_sent)
{
    const struct job_record r = record(JOB_RUNNING, 5, QR);
    struct sse_cursor c = cursor("");
    cr_assert_not(sse_cursor_ahead(&c, &r));
    c = cursor("5");
    cr_assert_not(sse_cursor_ahead(&c, &r));
    c = cursor("6");
    cr_assert(sse_cursor_ahead(&c, &r));
    check_steps(&c, &r, 0, "S5 -");
    cr_assert_not(sse_cursor_ahead(&c, &r));
    c = cursor("2");
    check_steps(&c, &r, 0, "P5 -");
    const struct job_record older = record(JOB_RUNNING, 4, QR);
    cr_assert_not(sse_cursor_ahead(&c, &older), "what was sent was there");
}

Test(sse, test_next_when_the_future_id_is_of_an_ended_job_then_its_end_again)
{
    const struct job_record r = record(JOB_COMPLETED, 3, QR ";3:12:c:1");
    struct sse_cursor c = cursor("4");
    cr_assert_not(sse_cursor_seen_end(&c, &r));
    check_steps(&c, &r, 0, "S3 E");
}

Test(sse, test_next_when_newer_transitions_fell_out_of_the_log_then_the_full_state)
{
    const struct job_record r = record(JOB_RUNNING, 90, "80:20:q;81:21:r:9:w");
    struct sse_cursor c = cursor("78");
    check_steps(&c, &r, 0, "S90 -");
    c = cursor("79"); /* nothing can be between 79 and 80 */
    check_steps(&c, &r, 0, "s80 s81 P90 -");
    c = cursor("80");
    check_steps(&c, &r, 0, "s81 P90 -");
}

Test(sse, test_next_when_the_log_is_missing_or_not_readable_then_the_full_state)
{
    static const char *const logs[] = {"", "x", ";", "1:2:z", "a:b:c;2:11:r:1"};
    for (size_t i = 0; i < COUNT(logs); i++) {
        const struct job_record r = record(JOB_RUNNING, 9, logs[i]);
        struct sse_cursor c = cursor("3");
        check_steps(&c, &r, 0, "S9 -");
    }
}

Test(sse, test_next_when_resumed_then_only_what_is_newer)
{
    const struct job_record r = record(JOB_RUNNING, 7, QR ";3:12:q:1;4:13:r:2:w2");
    static const char *const want[][2] = {
        {"1", "s2 s3 s4 P7 -"}, {"2", "s3 s4 P7 -"}, {"3", "s4 P7 -"}, {"4", "P7 -"},
        {"5", "P7 -"},          {"6", "P7 -"},       {"7", "-"}};
    for (size_t i = 0; i < COUNT(want); i++) {
        struct sse_cursor c = cursor(want[i][0]);
        check_steps(&c, &r, 0, want[i][1]);
    }
}

Test(sse, test_seen_end_when_the_job_went_on_then_false)
{
    struct job_record r = record(JOB_FAILED, 5, QR ";5:12:f:1:w1:TIMEOUT");
    struct sse_cursor c = cursor("5");
    cr_assert(sse_cursor_seen_end(&c, &r));
    c = cursor("4");
    cr_assert_not(sse_cursor_seen_end(&c, &r));
    c = cursor("");
    cr_assert_not(sse_cursor_seen_end(&c, &r));
    r = record(JOB_QUEUED, 6, QR ";5:12:f:1:w1:TIMEOUT;6:13:q:1");
    c = cursor("5");
    cr_assert_not(sse_cursor_seen_end(&c, &r));
    check_steps(&c, &r, 0, "S6 -");
    r = record(JOB_RUNNING, 7, QR ";5:12:f:1:w1:TIMEOUT;6:13:q:1;7:14:r:2:w1");
    c = cursor("7");
    cr_assert_not(sse_cursor_seen_end(&c, &r));
}

Test(sse, test_seen_end_when_a_version_was_noted_after_the_end_then_still_true)
{
    const struct job_record r = record(JOB_COMPLETED, 4, QR ";3:12:c:1");
    struct sse_cursor c = cursor("3");
    cr_assert(sse_cursor_seen_end(&c, &r));
    c = cursor("2");
    check_steps(&c, &r, 0, "S4 E");
}

/* ---- one connection */

Test(sse, test_next_when_the_record_is_older_than_what_was_sent_then_idle)
{
    const struct job_record newer = record(JOB_RUNNING, 5, QR);
    const struct job_record older = record(JOB_RUNNING, 3, QR);
    const struct job_record ended = record(JOB_COMPLETED, 3, QR ";3:12:c:1");
    struct sse_cursor c = cursor("");
    check_steps(&c, &newer, 0, "S5 -");
    check_steps(&c, &older, 1000, "-");
    check_steps(&c, &ended, 2000, "-");
}

Test(sse, test_next_when_nothing_changes_then_the_state_once)
{
    const struct job_record r = record(JOB_QUEUED, 1, "1:10:q");
    struct sse_cursor c = cursor("");
    check_steps(&c, &r, 0, "S1 -");
    check_steps(&c, &r, 10000, "-");
}

Test(sse, test_next_when_the_job_has_ended_already_then_its_state_and_the_end)
{
    static const char letters[] = "cfx";
    for (size_t i = 0; i < 3; i++) {
        char log[64];
        (void)snprintf(log, sizeof log, QR ";3:12:%c:1", letters[i]);
        const struct job_record r = record((enum job_status)(JOB_COMPLETED + i), 3, log);
        struct sse_cursor c = cursor("");
        check_steps(&c, &r, 0, "S3 E");
        check_steps(&c, &r, 0, "E");
    }
}

Test(sse, test_next_when_several_transitions_came_at_once_then_each_in_order)
{
    struct job_record r = record(JOB_QUEUED, 1, "1:10:q");
    struct sse_cursor c = cursor("");
    check_steps(&c, &r, 0, "S1 -");
    r = record(JOB_COMPLETED, 8, QR ";4:12:q:1;5:13:r:2:w2;8:14:c:2:w2");
    check_steps(&c, &r, 0, "s2 s4 s5 S8 E");
}

Test(sse, test_next_when_a_transition_is_past_then_the_step_says_which)
{
    const struct job_record r = record(JOB_RUNNING, 3, QR);
    struct sse_cursor c = cursor("1");
    const struct sse_step s = sse_cursor_next(&c, &r, 0);
    cr_assert_eq(s.kind, SSE_STEP_STATUS);
    cr_assert_not(s.present);
    cr_assert(s.version == 2 && s.status == JOB_RUNNING && s.transition.version == 2 &&
              s.transition.at_s == 11 && span_eq(s.transition.worker_id, SPAN("w1")));
}

Test(sse, test_next_when_a_failure_was_retried_before_it_was_sent_then_the_stream_goes_on)
{
    struct job_record r = record(JOB_RUNNING, 2, QR);
    struct sse_cursor c = cursor("");
    check_steps(&c, &r, 0, "S2 -");
    r = record(JOB_RUNNING, 5, QR ";3:12:f:1:w1:TIMEOUT;4:13:q:1;5:14:r:2:w1");
    check_steps(&c, &r, 0, "s3 s4 S5 -");
    r = record(JOB_COMPLETED, 6, QR ";3:12:f:1:w1:TIMEOUT;4:13:q:1;5:14:r:2:w1;6:15:c:2");
    check_steps(&c, &r, 0, "S6 E");
}

Test(sse, test_next_when_transitions_fall_out_while_connected_then_the_full_state)
{
    struct job_record r = record(JOB_RUNNING, 2, QR);
    struct sse_cursor c = cursor("");
    check_steps(&c, &r, 0, "S2 -");
    r = record(JOB_RUNNING, 95, "80:20:q;81:21:r:9:w");
    check_steps(&c, &r, 0, "S95 -");
    r.version = 96;
    check_steps(&c, &r, 0, "P96 -");
}

/* ---- progress */

Test(sse, test_next_when_progress_is_fast_then_4_a_second_and_the_newest)
{
    struct job_record r = record(JOB_RUNNING, 2, QR);
    struct sse_cursor c = cursor("");
    check_steps(&c, &r, 1000, "S2 -");
    r.version = 3;
    check_steps(&c, &r, 1001, "P3 -");
    r.version = 4;
    check_steps(&c, &r, 1002, "w249");
    r.version = 9;
    check_steps(&c, &r, 1250, "w1");
    check_steps(&c, &r, 1251, "P9 -");
    r.version = 10;
    check_steps(&c, &r, 1500, "w1");
    check_steps(&c, &r, 9999, "P10 -");
}

Test(sse, test_next_when_progress_waits_then_a_transition_does_not)
{
    struct job_record r = record(JOB_RUNNING, 3, QR);
    struct sse_cursor c = cursor("2");
    check_steps(&c, &r, 1000, "P3 -");
    r.version = 4;
    check_steps(&c, &r, 1001, "w249");
    r = record(JOB_RUNNING, 8, QR ";5:12:q:1;6:13:r:2:w");
    check_steps(&c, &r, 1002, "s5 s6 w248");
    r = record(JOB_COMPLETED, 9, QR ";5:12:q:1;6:13:r:2:w;9:14:c:2");
    check_steps(&c, &r, 1003, "S9 E");
}

Test(sse, test_next_when_the_clock_goes_back_then_progress_is_not_stuck)
{
    struct job_record r = record(JOB_RUNNING, 3, QR);
    struct sse_cursor c = cursor("2");
    check_steps(&c, &r, 100000, "P3 -");
    r.version = 4;
    check_steps(&c, &r, 5, "P4 -");
}

/* ---- bytes */

static void check_bytes(enum sse_step_kind kind, enum job_status status, bool named_only,
                        const char *want)
{
    struct buf b;
    buf_init(&b, 1024);
    const struct sse_step s = {.kind = kind, .status = status, .version = 7};
    sse_write_step(&s, SPAN("{}"), named_only, &b);
    cr_assert_eq(buf_error(&b), ERR_OK);
    cr_assert(span_eq(buf_as_span(&b), span_of(want)), "%.*s", (int)b.len, b.data);
    buf_clear(&b);
}

Test(sse, test_write_when_the_buffer_is_full_then_its_error_sticks)
{
    struct buf b;
    buf_init(&b, 30);
    const struct sse_step s = {.kind = SSE_STEP_STATUS, .version = 7};
    sse_write_step(&s, SPAN("{\"jobId\":1}"), false, &b);
    cr_assert_eq(buf_error(&b), ERR_TOO_LARGE);
    buf_clear(&b);
}

Test(sse, test_write_step_when_twins_then_only_the_last_frame_has_the_id)
{
    check_bytes(SSE_STEP_STATUS, JOB_QUEUED, false,
                "event: status\ndata: {}\n\nid: 7\ndata: {}\n\n");
    check_bytes(SSE_STEP_STATUS, JOB_CANCELED, false,
                "event: status\ndata: {}\n\nid: 7\ndata: {}\n\n");
    check_bytes(SSE_STEP_PROGRESS, JOB_RUNNING, false,
                "event: progress\ndata: {}\n\nid: 7\ndata: {}\n\n");
    check_bytes(SSE_STEP_STATUS, JOB_FAILED, false,
                "event: status\ndata: {}\n\nevent: error\ndata: {}\n\nid: 7\ndata: {}\n\n");
    check_bytes(SSE_STEP_STATUS, JOB_COMPLETED, false,
                "event: status\ndata: {}\n\nevent: result\ndata: {}\n\nid: 7\ndata: {}\n\n");
}

Test(sse, test_write_step_when_named_only_then_no_unnamed_frame)
{
    check_bytes(SSE_STEP_STATUS, JOB_RUNNING, true, "event: status\nid: 7\ndata: {}\n\n");
    check_bytes(SSE_STEP_PROGRESS, JOB_RUNNING, true, "event: progress\nid: 7\ndata: {}\n\n");
    check_bytes(SSE_STEP_STATUS, JOB_FAILED, true,
                "event: status\ndata: {}\n\nevent: error\nid: 7\ndata: {}\n\n");
    check_bytes(SSE_STEP_STATUS, JOB_COMPLETED, true,
                "event: status\ndata: {}\n\nevent: result\nid: 7\ndata: {}\n\n");
}

Test(sse, test_write_step_when_the_version_is_the_largest_then_all_digits)
{
    struct buf b;
    buf_init(&b, 1024);
    const struct sse_step s = {.kind = SSE_STEP_PROGRESS, .version = UINT64_MAX};
    sse_write_step(&s, SPAN("1"), true, &b);
    cr_assert(
        span_eq(buf_as_span(&b), SPAN("event: progress\nid: 18446744073709551615\ndata: 1\n\n")));
    buf_clear(&b);
}

Test(sse, test_write_event_when_the_id_is_opaque_then_it_is_sent_as_it_is)
{
    struct buf b;
    buf_init(&b, 1024);
    sse_write_event(SSE_STEP_STATUS, JOB_RUNNING, SPAN("a.7,b.3"), SPAN("1"), false, &b);
    cr_assert(span_eq(buf_as_span(&b), SPAN("event: status\ndata: 1\n\nid: a.7,b.3\ndata: 1\n\n")));
    buf_clear(&b);
}

Test(sse, test_write_retry_and_heartbeat_when_called_then_lines_of_the_standard)
{
    struct buf b;
    buf_init(&b, 1024);
    sse_write_retry(SSE_RETRY_MS, &b);
    sse_write_heartbeat(&b);
    cr_assert(span_eq(buf_as_span(&b), SPAN("retry: 3000\n\n: keep-alive\n\n")));
    buf_clear(&b);
}

/* ---- a stream of many begins in the middle, or at a job's beginning */

Test(sse, test_resume_when_version_0_then_everything_from_the_beginning)
{
    const struct job_record r = record(JOB_COMPLETED, 4, QR ";4:12:c:1");
    struct sse_cursor c;
    sse_cursor_resume(&c, 0);
    cr_assert_not(sse_cursor_seen_end(&c, &r));
    check_steps(&c, &r, 0, "s1 s2 S4 E");
    sse_cursor_resume(&c, 4);
    cr_assert(sse_cursor_seen_end(&c, &r));
    check_steps(&c, &r, 0, "E");
}

Test(sse, test_resume_when_version_0_and_the_log_is_cut_then_the_full_state)
{
    const struct job_record r = record(JOB_RUNNING, 81, "80:20:q;81:21:r:9:w");
    struct sse_cursor c;
    sse_cursor_resume(&c, 0);
    check_steps(&c, &r, 0, "S81 -");
}

Test(sse, test_resume_life_when_retried_then_what_followed_the_end_before)
{
    static const char *const cases[][2] = {
        {QR, "s1 S2 -"},
        {QR ";3:12:f:1::TIMEOUT;4:13:q", "S4 -"},
        {QR ";3:12:f:1::TIMEOUT;4:13:q;5:14:r:2:w", "s4 S5 -"},
        {QR ";3:12:x:1;4:13:q;5:14:r:2:w;6:15:x:2;7:16:q", "S7 -"},
        {QR ";3:12:x:1;4:13:q;5:14:r:2:w;6:15:f:2", "s4 s5 S6 E"},
        {QR ";3:12:f:1", "s1 s2 S3 E"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct span log = span_of(cases[i][0]);
        struct span rest = log;
        struct record_transition t;
        while (record_log_next(&rest, &t)) {
        }
        const struct job_record r = record(t.status, t.version, cases[i][0]);
        struct sse_cursor c;
        sse_cursor_resume_life(&c, &r);
        check_steps(&c, &r, 0, cases[i][1]);
    }
}
