// links: base core jansson
#include "core/status_json.h"

#include <criterion/criterion.h>
#include <jansson.h>

#define ID "00123456789abcdefghjkmnpqrs"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct job_record record(enum job_status status)
{
    return (struct job_record){.job_id = ID,
                               .status = status,
                               .version = 7,
                               .progress = -1,
                               .eta_s = -1,
                               .attempts = 1,
                               .max_attempts = 3,
                               .file_id = 42,
                               .created_at_s = 1767000000,
                               .updated_at_s = 1767000012,
                               .stage = status == JOB_QUEUED      ? STAGE_QUEUED
                                        : status == JOB_COMPLETED ? STAGE_DONE
                                                                  : STAGE_FETCHING,
                               .bytes_total = -1,
                               .queue_position = -1};
}

static void check(const struct job_record *r, const struct status_link *link, const char *want)
{
    struct buf b;
    buf_init(&b, STATUS_JSON_MAX);
    status_json_render(r, link, &b);
    cr_assert_eq(buf_error(&b), ERR_OK);
    cr_assert(span_eq(buf_as_span(&b), span_of(want)), "\n%.*s, not\n%s", (int)b.len, b.data, want);
    buf_clear(&b);
}

#define HEAD(status, version, progress, eta)                                                       \
    "{\"jobId\":\"" ID "\",\"status\":\"" status "\",\"version\":" version                         \
    ",\"progress\":" progress ",\"etaSeconds\":" eta ",\"attempts\":1,\"maxAttempts\":3,"          \
    "\"file_id\":42,"
#define TIMES(updated) "\"createdAt\":1767000000,\"updatedAt\":" updated ","
#define NO_BYTES "\"bytesDone\":0,\"bytesTotal\":null"

Test(status_json, test_render_when_the_buffer_is_full_then_its_error_sticks)
{
    const struct job_record r = record(JOB_QUEUED);
    struct buf b;
    buf_init(&b, 100);
    status_json_render(&r, NULL, &b);
    cr_assert_eq(buf_error(&b), ERR_TOO_LARGE);
    buf_clear(&b);
}

Test(status_json, test_render_when_every_field_is_at_its_limit_then_it_fits_and_parses)
{
    static char long_text[JOB_MESSAGE_MAX];
    static char url[4096];
    memset(long_text, 0x01, sizeof long_text); /* six bytes each, escaped */
    memset(url, 'u', sizeof url);
    for (enum job_status s = 0; s < JOB_STATUS_COUNT; s++) {
        struct job_record r = record(s);
        r.version = r.file_id = r.bytes_done = r.size_bytes = UINT64_MAX;
        r.bytes_total = r.queue_position = r.next_attempt_at_s = INT64_MAX;
        r.user_id = (struct span){long_text, JOB_USER_ID_MAX};
        r.error_code = (struct span){long_text, JOB_CODE_MAX};
        r.error_message = (struct span){long_text, JOB_MESSAGE_MAX};
        r.file_name = (struct span){long_text, JOB_FILE_NAME_MAX};
        r.content_type = (struct span){long_text, JOB_CONTENT_TYPE_MAX};
        r.sha256_hex = (struct span){long_text, SHA256_HEX_LEN};
        const struct status_link link = {{url, sizeof url}, INT64_MAX};
        struct buf b;
        buf_init(&b, STATUS_JSON_MAX);
        status_json_render(&r, &link, &b);
        cr_assert_eq(buf_error(&b), ERR_OK);
        cr_assert_null(memchr(b.data, '\n', b.len));
        buf_clear(&b);
    }
}

Test(status_json, test_render_when_text_is_hostile_then_the_reply_is_still_json)
{
    struct job_record r = record(JOB_FAILED);
    r.user_id = SPAN("\"\\\n\xff");
    r.error_code = SPAN("TIMEOUT");
    r.error_message = SPAN("</script>\",\"x\":1}\r\n\n");
    struct buf b;
    buf_init(&b, STATUS_JSON_MAX);
    status_json_render(&r, NULL, &b);
    cr_assert(memchr(b.data, '\n', b.len) == NULL && memchr(b.data, '\r', b.len) == NULL);
    json_t *j = json_loadb(b.data, b.len, JSON_REJECT_DUPLICATES, NULL);
    cr_assert_not_null(j);
    cr_assert_str_eq(json_string_value(json_object_get(json_object_get(j, "error"), "message")),
                     "</script>\",\"x\":1}\r\n\n");
    json_decref(j);
    buf_clear(&b);
}

Test(status_json, test_render_when_queued_then_its_place_and_nothing_of_an_end)
{
    struct job_record r = record(JOB_QUEUED);
    r.error_code = SPAN("TIMEOUT"); /* of the attempt before */
    check(&r, NULL,
          HEAD("queued", "7", "null", "null") "\"userId\":null," TIMES(
              "1767000012") "\"stage\":\"queued\"," NO_BYTES ",\"queuePosition\":null}");
    r.queue_position = 4;
    r.next_attempt_at_s = 1767000031;
    check(&r, NULL,
          HEAD("queued", "7", "null", "null") "\"userId\":null," TIMES(
              "1767000012") "\"stage\":\"queued\"," NO_BYTES
                            ",\"queuePosition\":4,\"nextAttemptAt\":1767000031}");
}

Test(status_json, test_render_when_running_then_its_progress)
{
    struct job_record r = record(JOB_RUNNING);
    r.progress = 58;
    r.eta_s = 18;
    r.user_id = SPAN("u1");
    r.bytes_done = 641728512;
    r.bytes_total = 1101004800;
    r.queue_position = 3;
    check(&r, NULL,
          HEAD("running", "7", "58", "18") "\"userId\":\"u1\"," TIMES(
              "1767000012") "\"stage\":\"fetching\",\"bytesDone\":641728512,"
                            "\"bytesTotal\":1101004800}");
    r.progress = 0;
    r.eta_s = 0;
    r.bytes_done = 0;
    r.bytes_total = 0;
    check(&r, NULL,
          HEAD("running", "7", "0", "0") "\"userId\":\"u1\"," TIMES(
              "1767000012") "\"stage\":\"fetching\",\"bytesDone\":0,\"bytesTotal\":0}");
}

Test(status_json, test_render_when_running_and_marked_for_cancel_then_the_stage_says_so)
{
    struct job_record r = record(JOB_RUNNING);
    r.cancel_wanted = true;
    check(&r, NULL,
          HEAD("running", "7", "null", "null") "\"userId\":null," TIMES(
              "1767000012") "\"stage\":\"canceling\"," NO_BYTES "}");
}

Test(status_json, test_render_when_failed_then_an_error)
{
    struct job_record r = record(JOB_FAILED);
    r.error_code = SPAN("SOURCE_NOT_FOUND");
    r.error_message = SPAN("gone");
    check(&r, NULL,
          HEAD("failed", "7", "null", "null") "\"userId\":null," TIMES(
              "1767000012") "\"stage\":\"fetching\"," NO_BYTES
                            ",\"error\":{\"code\":\"SOURCE_NOT_FOUND\",\"message\":\"gone\","
                            "\"retryable\":false}}");
    r.error_message = (struct span){0};
    r.error_code = SPAN("TIMEOUT");
    r.error_retryable = true;
    check(&r, NULL,
          HEAD("failed", "7", "null", "null") "\"userId\":null," TIMES(
              "1767000012") "\"stage\":\"fetching\"," NO_BYTES
                            ",\"error\":{\"code\":\"TIMEOUT\",\"message\":\"The transfer took "
                            "longer than it may. Try again, or give it more "
                            "time.\",\"retryable\":true}}");
}

Test(status_json, test_render_when_canceled_then_neither_error_nor_result)
{
    const struct job_record r = record(JOB_CANCELED);
    check(&r, NULL,
          HEAD("canceled", "7", "null", "null") "\"userId\":null," TIMES(
              "1767000012") "\"stage\":\"fetching\"," NO_BYTES "}");
}

Test(status_json, test_render_when_completed_then_a_result_with_its_link)
{
    struct job_record r = record(JOB_COMPLETED);
    r.progress = 100;
    r.file_name = SPAN("ä \"1\".bin");
    r.content_type = SPAN("text/plain");
    r.sha256_hex = SPAN("00ff");
    r.size_bytes = 10;
    const struct status_link link = {SPAN("/v1/download/files/x?e=1&s=2"), 1767000912};
    check(&r, &link,
          HEAD("completed", "7", "100", "null") "\"userId\":null," TIMES(
              "1767000012") "\"stage\":\"done\"," NO_BYTES
                            ",\"result\":{\"url\":\"/v1/download/files/"
                            "x?e=1&s=2\",\"expiresAt\":1767000912,"
                            "\"fileName\":\"ä \\\"1\\\".bin\",\"contentType\":\"text/plain\","
                            "\"size\":10,\"sha256\":\"00ff\"}}");
}

Test(status_json, test_render_when_completed_without_a_link_then_a_result_without_url)
{
    struct job_record r = record(JOB_COMPLETED);
    check(&r, NULL,
          HEAD("completed", "7", "null", "null") "\"userId\":null," TIMES(
              "1767000012") "\"stage\":\"done\"," NO_BYTES ",\"result\":{\"fileName\":null,"
                            "\"contentType\":\"application/octet-stream\",\"size\":0,"
                            "\"sha256\":null}}");
}

Test(status_json, test_render_when_only_the_links_end_is_told_then_a_result_without_url)
{
    struct job_record r = record(JOB_COMPLETED);
    const struct status_link end = {.expires_at_s = 1767000912};
    check(&r, &end,
          HEAD("completed", "7", "null", "null") "\"userId\":null," TIMES(
              "1767000012") "\"stage\":\"done\"," NO_BYTES
                            ",\"result\":{\"expiresAt\":1767000912,\"fileName\":null,"
                            "\"contentType\":\"application/octet-stream\",\"size\":0,"
                            "\"sha256\":null}}");
}

/* ---- the past */

static void check_past(const struct job_record *r, const struct record_transition *t,
                       const char *want)
{
    struct buf b;
    buf_init(&b, STATUS_JSON_MAX);
    status_json_render_past(r, t, NULL, &b);
    cr_assert(span_eq(buf_as_span(&b), span_of(want)), "\n%.*s, not\n%s", (int)b.len, b.data, want);
    buf_clear(&b);
}

Test(status_json, test_render_past_when_it_began_to_wait_or_run_then_nothing_had_moved)
{
    struct job_record r = record(JOB_RUNNING);
    r.version = 9;
    r.progress = 58;
    r.bytes_done = 5;
    r.bytes_total = 10;
    r.eta_s = 3;
    r.log = SPAN("1:1767000000:q;2:1767000001:r:1:w1");
    const struct record_transition queued = {
        .version = 1, .at_s = 1767000000, .status = JOB_QUEUED};
    const struct record_transition running = {
        .version = 2, .at_s = 1767000001, .status = JOB_RUNNING};
    check_past(&r, &queued,
               HEAD("queued", "1", "null", "null") "\"userId\":null," TIMES(
                   "1767000000") "\"stage\":\"queued\"," NO_BYTES ",\"queuePosition\":null}");
    check_past(&r, &running,
               HEAD("running", "2", "null", "null") "\"userId\":null," TIMES(
                   "1767000001") "\"stage\":\"fetching\"," NO_BYTES "}");
}

Test(status_json, test_render_past_when_it_failed_and_was_retried_then_the_lists_own_error)
{
    struct job_record r = record(JOB_QUEUED);
    r.log = SPAN("5:1767000005:f:1:w1:SOURCE_STALLED;7:1767000012:q:1");
    const struct record_transition failed = {.version = 5,
                                             .at_s = 1767000005,
                                             .status = JOB_FAILED,
                                             .error_code = SPAN("SOURCE_STALLED")};
    check_past(&r, &failed,
               HEAD("failed", "5", "null", "null") "\"userId\":null," TIMES(
                   "1767000005") "\"stage\":\"fetching\"," NO_BYTES
                                 ",\"error\":{\"code\":\"SOURCE_STALLED\",\"message\":\"The source "
                                 "stopped sending. Try again later.\",\"retryable\":true}}");
}

Test(status_json, test_render_past_when_it_is_the_present_then_the_same_bytes)
{
    for (enum job_status s = 0; s < JOB_STATUS_COUNT; s++) {
        struct job_record r = record(s);
        r.progress = 40;
        r.bytes_done = 4;
        r.error_code = SPAN("TIMEOUT");
        r.error_message = SPAN("m");
        struct buf now;
        buf_init(&now, STATUS_JSON_MAX);
        (void)buf_char(&now, '\0'); /* so that its text ends in NUL, see below */
        buf_reset(&now);
        status_json_render(&r, NULL, &now);
        (void)buf_char(&now, '\0');
        const struct record_transition t = {.version = 7, .at_s = 1, .status = s};
        check_past(&r, &t, now.data);
        buf_clear(&now);
    }
}

/* ---- beside the object */

Test(status_json, test_render_queued_when_a_job_is_new_then_the_reply_to_initiate)
{
    struct buf b;
    buf_init(&b, 128);
    status_json_render_queued(SPAN(ID), &b);
    cr_assert(span_eq(buf_as_span(&b), SPAN("{\"jobId\":\"" ID "\",\"status\":\"queued\"}")));
    buf_clear(&b);
}

Test(status_json, test_retry_after_when_terminal_then_none)
{
    for (enum job_status s = JOB_COMPLETED; s <= JOB_CANCELED; s++) {
        const struct job_record r = record(s);
        cr_assert_eq(status_retry_after_s(&r, 0), 0);
    }
}

Test(status_json, test_retry_after_when_active_then_from_what_is_known_within_1_and_15)
{
    struct job_record r = record(JOB_RUNNING);
    static const int etas[][2] = {{-1, 2}, {0, 1}, {1, 1}, {10, 5}, {30, 15}, {100000, 15}};
    for (size_t i = 0; i < COUNT(etas); i++) {
        r.eta_s = etas[i][0];
        cr_assert_eq(status_retry_after_s(&r, 0), (uint32_t)etas[i][1], "%d", etas[i][0]);
    }
    r = record(JOB_QUEUED);
    cr_assert_eq(status_retry_after_s(&r, 100), 2);
    r.queue_position = 1;
    cr_assert_eq(status_retry_after_s(&r, 100), 1);
    r.queue_position = 100;
    cr_assert_eq(status_retry_after_s(&r, 100), 5);
    r.queue_position = INT64_MAX;
    cr_assert_eq(status_retry_after_s(&r, 100), 15);
    r.next_attempt_at_s = 107;
    cr_assert_eq(status_retry_after_s(&r, 100), 7);
    r.next_attempt_at_s = INT64_MAX;
    cr_assert_eq(status_retry_after_s(&r, 100), 15);
}

Test(status_json, test_etag_when_window_is_0_then_the_version_only)
{
    char out[STATUS_ETAG_SIZE];
    cr_assert(span_eq(status_etag(7, 0, out), SPAN("W/\"7\"")));
    cr_assert(span_eq(status_etag(7, 3, out), SPAN("W/\"7.3\"")));
    cr_assert(span_eq(status_etag(UINT64_MAX, UINT64_MAX, out),
                      SPAN("W/\"18446744073709551615.18446744073709551615\"")));
}
