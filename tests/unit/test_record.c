// links: base core
#include "core/record.h"

#include <criterion/criterion.h>
#include <string.h>

#define ID "00123456789abcdefghjkmnpqrs"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LEAST                                                                                      \
    SPAN("status"), SPAN("running"), SPAN("version"), SPAN("7"), SPAN("fileId"), SPAN("42"),       \
        SPAN("attempts"), SPAN("1"), SPAN("createdAt"), SPAN("1767000000"), SPAN("updatedAt"),     \
        SPAN("1767000012")

static enum err decode(const struct span *pairs, size_t count, struct job_record *out)
{
    return job_record_decode(SPAN(ID), pairs, count, out);
}

/* The least record with one more field. */
static enum err decode_with(const char *name, const char *value, struct job_record *out)
{
    const struct span pairs[] = {LEAST, span_of(name), span_of(value)};
    return decode(pairs, COUNT(pairs), out);
}

Test(record, test_record_decode_when_no_pairs_then_not_found)
{
    struct job_record r;
    cr_assert_eq(decode(NULL, 0, &r), ERR_NOT_FOUND);
}

Test(record, test_record_decode_when_pairs_are_odd_or_id_is_bad_then_invalid)
{
    struct job_record r;
    const struct span pairs[] = {LEAST};
    cr_assert_eq(decode(pairs, COUNT(pairs) - 1, &r), ERR_INVALID);
    cr_assert_eq(job_record_decode(SPAN("x"), pairs, COUNT(pairs), &r), ERR_INVALID);
}

Test(record, test_record_decode_when_a_needed_field_is_missing_then_invalid)
{
    const struct span all[] = {LEAST};
    for (size_t missing = 0; missing < COUNT(all); missing += 2) {
        struct span some[COUNT(all) - 2];
        memcpy(some, all, missing * sizeof(all[0]));
        memcpy(some + missing, all + missing + 2, (COUNT(all) - missing - 2) * sizeof(all[0]));
        struct job_record r;
        cr_assert_eq(decode(some, COUNT(some), &r), ERR_INVALID, "without pair %zu", missing / 2);
        struct span emptied[COUNT(all)];
        memcpy(emptied, all, sizeof(all));
        emptied[missing + 1] = SPAN("");
        cr_assert_eq(decode(emptied, COUNT(all), &r), ERR_INVALID, "pair %zu empty", missing / 2);
    }
}

Test(record, test_record_decode_when_a_value_is_malformed_then_invalid)
{
    static const char *const bad[][2] = {
        {"progress", "101"},
        {"progress", "-1"},
        {"progress", "1e2"},
        {"etaSeconds", "5.5"},
        {"etaSeconds", "99999999999"},
        {"maxAttempts", "11"},
        {"stage", "sleeping"},
        {"bytesTotal", "-1"},
        {"cancel", "yes"},
        {"errorRetryable", "2"},
        {"size", "1e+15"},
        {"size", "9223372036854775808"},
        {"run", "-1"},
        {"run", ":"},
        {"run", "1:"},
        {"run", "1:2:1:3:b"},
        {"run", "x:1767000300000:1::b:w"},
        {"status", "done"},
        {"version", "18446744073709551616"},
        {"fileId", "9007199254740992"},
        {"attempts", "4294967296"},
        {"createdAt", "07"},
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct job_record r;
        cr_assert_eq(decode_with(bad[i][0], bad[i][1], &r), ERR_INVALID, "%s=%s", bad[i][0],
                     bad[i][1]);
    }
}

Test(record, test_record_decode_when_a_field_is_empty_then_null)
{
    const struct span pairs[] = {
        LEAST,    SPAN("progress"),     SPAN(""), SPAN("etaSeconds"),  SPAN(""), SPAN("errorCode"),
        SPAN(""), SPAN("userId"),       SPAN(""), SPAN("artifactKey"), SPAN(""), SPAN("bytesTotal"),
        SPAN(""), SPAN("presignedUrl"), SPAN(""), SPAN("expiresAt"),   SPAN(""), SPAN("stage"),
        SPAN(""),
    };
    struct job_record r;
    cr_assert_eq(decode(pairs, COUNT(pairs), &r), ERR_OK);
    cr_assert(r.progress == -1 && r.eta_s == -1 && r.bytes_total == -1);
    cr_assert(r.error_code.len == 0 && r.user_id.len == 0 && r.artifact_key.len == 0);
    cr_assert_eq(r.stage, STAGE_FETCHING, "derived, as of an absent one");
}

Test(record, test_record_decode_when_a_text_is_too_long_then_invalid)
{
    char text[JOB_CODE_MAX + 2];
    memset(text, 'A', sizeof(text));
    text[JOB_CODE_MAX] = '\0';
    struct job_record r;
    cr_assert_eq(decode_with("errorCode", text, &r), ERR_OK);
    text[JOB_CODE_MAX] = 'A';
    text[JOB_CODE_MAX + 1] = '\0';
    cr_assert_eq(decode_with("errorCode", text, &r), ERR_INVALID);
}

Test(record, test_record_decode_when_fields_are_absent_then_defaults)
{
    const struct span pairs[] = {LEAST};
    struct job_record r;
    cr_assert_eq(decode(pairs, COUNT(pairs), &r), ERR_OK);
    cr_assert_str_eq(r.job_id, ID);
    cr_assert_eq(r.status, JOB_RUNNING);
    cr_assert_eq(r.version, 7);
    cr_assert_eq(r.file_id, 42);
    cr_assert_eq(r.attempts, 1);
    cr_assert_eq(r.created_at_s, 1767000000);
    cr_assert_eq(r.updated_at_s, 1767000012);
    cr_assert_eq(r.progress, -1);
    cr_assert_eq(r.eta_s, -1);
    cr_assert_eq(r.bytes_total, -1);
    cr_assert_eq(r.queue_position, -1);
    cr_assert_eq(r.max_attempts, JOB_MAX_ATTEMPTS_DEFAULT);
    cr_assert_eq(r.stage, STAGE_FETCHING);
    cr_assert_eq(r.fence, 0);
    cr_assert_eq(r.worker_id.len, 0);
    cr_assert_eq(r.user_id.len, 0);
    cr_assert_eq(r.log.len, 0);
    cr_assert_not(r.cancel_wanted);
}

Test(record, test_record_decode_when_all_numbers_are_there_then_read)
{
    const struct span pairs[] = {
        LEAST,
        SPAN("progress"),
        SPAN("58"),
        SPAN("etaSeconds"),
        SPAN("18"),
        SPAN("maxAttempts"),
        SPAN("5"),
        SPAN("bytesDone"),
        SPAN("10"),
        SPAN("bytesTotal"),
        SPAN("20"),
        SPAN("nextAttemptAt"),
        SPAN("1767000031"),
        SPAN("errorRetryable"),
        SPAN("1"),
        SPAN("size"),
        SPAN("1101004800"),
        SPAN("artifactExpired"),
        SPAN("1"),
        SPAN("cancel"),
        SPAN("1"),
        SPAN("retries"),
        SPAN("2"),
    };
    struct job_record r;
    cr_assert_eq(decode(pairs, COUNT(pairs), &r), ERR_OK);
    cr_assert_eq(r.progress, 58);
    cr_assert_eq(r.eta_s, 18);
    cr_assert_eq(r.max_attempts, 5);
    cr_assert_eq(r.bytes_done, 10);
    cr_assert_eq(r.bytes_total, 20);
    cr_assert_eq(r.next_attempt_at_s, 1767000031);
    cr_assert(r.error_retryable && r.artifact_expired && r.cancel_wanted);
    cr_assert_eq(r.size_bytes, 1101004800);
    cr_assert_eq(r.completed_at_s, 0);
    cr_assert_eq(r.retries, 2);
}

Test(record, test_record_decode_when_all_texts_are_there_then_read)
{
    const struct span pairs[] = {
        LEAST,
        SPAN("stage"),
        SPAN("uploading"),
        SPAN("run"),
        SPAN("3:1767000300000:1:3600000000000000:b1:w1"),
        SPAN("userId"),
        SPAN("u1"),
        SPAN("errorCode"),
        SPAN("TIMEOUT"),
        SPAN("errorMessage"),
        SPAN("too slow"),
        SPAN("artifactKey"),
        SPAN(ID ".3"),
        SPAN("fileName"),
        SPAN("a.bin"),
        SPAN("contentType"),
        SPAN("text/plain"),
        SPAN("sha256"),
        SPAN("ab"),
        SPAN("log"),
        SPAN("1:1767000000:q"),
        SPAN("spec"),
        SPAN("\0\xff opaque"),
    };
    struct job_record r;
    cr_assert_eq(decode(pairs, COUNT(pairs), &r), ERR_OK);
    cr_assert_eq(r.stage, STAGE_UPLOADING);
    cr_assert_eq(r.fence, 3);
    cr_assert(span_eq(r.worker_id, SPAN("w1")));
    cr_assert(span_eq(r.user_id, SPAN("u1")));
    cr_assert(span_eq(r.error_code, SPAN("TIMEOUT")));
    cr_assert(span_eq(r.error_message, SPAN("too slow")));
    cr_assert(span_eq(r.artifact_key, SPAN(ID ".3")));
    cr_assert(span_eq(r.file_name, SPAN("a.bin")));
    cr_assert(span_eq(r.content_type, SPAN("text/plain")));
    cr_assert(span_eq(r.sha256_hex, SPAN("ab")));
    cr_assert(span_eq(r.log, SPAN("1:1767000000:q")));
}

Test(record, test_record_decode_when_it_waits_again_then_the_fence_without_a_worker)
{
    struct job_record r;
    cr_assert_eq(decode_with("run", "3", &r), ERR_OK);
    cr_assert_eq(r.fence, 3);
    cr_assert_eq(r.worker_id.len, 0);
}

Test(record, test_record_decode_when_stage_is_absent_then_it_follows_from_the_status)
{
    static const struct {
        const char *status, *run;
        enum job_stage stage;
    } cases[] = {
        {"queued", "1", STAGE_QUEUED},
        {"running", "1:2:::b:w", STAGE_FETCHING},
        {"completed", "1:2:::b:w", STAGE_DONE},
        {"failed", "1:2:::b:w", STAGE_FETCHING},
        {"canceled", "1:2:::b:w", STAGE_FETCHING},
        {"canceled", "1", STAGE_QUEUED},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct span pairs[] = {LEAST, SPAN("run"), span_of(cases[i].run)};
        struct job_record r;
        pairs[1] = span_of(cases[i].status);
        cr_assert_eq(decode(pairs, COUNT(pairs), &r), ERR_OK);
        cr_assert_eq(r.stage, cases[i].stage, "%s %s", cases[i].status, cases[i].run);
    }
}

/* What a report left behind in a completed record means nothing. */
Test(record, test_record_decode_when_completed_then_bytes_and_time_are_the_artifacts)
{
    struct span pairs[] = {
        LEAST,      SPAN("stage"),      SPAN("uploading"), SPAN("bytesDone"),
        SPAN("10"), SPAN("bytesTotal"), SPAN("20"),        SPAN("etaSeconds"),
        SPAN("18"), SPAN("progress"),   SPAN("100"),       SPAN("size"),
        SPAN("25"),
    };
    struct job_record r;
    pairs[1] = SPAN("completed");
    cr_assert_eq(decode(pairs, COUNT(pairs), &r), ERR_OK);
    cr_assert_eq(r.stage, STAGE_DONE);
    cr_assert_eq(r.bytes_done, 25);
    cr_assert_eq(r.bytes_total, 25);
    cr_assert_eq(r.eta_s, -1);
    cr_assert_eq(r.progress, 100);
    cr_assert_eq(r.completed_at_s, 1767000012);
}

Test(record, test_record_decode_when_failed_then_what_was_reported_stays_but_the_eta)
{
    struct span pairs[] = {
        LEAST,      SPAN("stage"),      SPAN("uploading"), SPAN("bytesDone"),
        SPAN("10"), SPAN("etaSeconds"), SPAN("18"),
    };
    struct job_record r;
    pairs[1] = SPAN("failed");
    cr_assert_eq(decode(pairs, COUNT(pairs), &r), ERR_OK);
    cr_assert_eq(r.stage, STAGE_UPLOADING);
    cr_assert_eq(r.bytes_done, 10);
    cr_assert_eq(r.eta_s, -1);
    cr_assert_eq(r.completed_at_s, 0);
}

Test(record, test_record_log_when_an_entry_is_malformed_then_stops)
{
    static const char *const bad[] = {";",      ":",     "1",     "1:2",     "1:2:z",
                                      "1:2:qq", "x:2:q", "1:x:q", "1:2:q:x", "01:2:q"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct span rest = span_of(bad[i]);
        struct record_transition t;
        cr_assert_not(record_log_next(&rest, &t), "%s", bad[i]);
        cr_assert_eq(record_log_last(span_of(bad[i])), 0, "%s", bad[i]);
    }
}

Test(record, test_record_log_when_empty_then_no_transition)
{
    struct span rest = {0};
    struct record_transition t;
    cr_assert_not(record_log_next(&rest, &t));
    cr_assert_eq(record_log_last(rest), 0);
}

Test(record, test_record_log_when_walked_then_every_part)
{
    struct span rest = SPAN("1:100:q;2:101:r:1:w1;5:109:q:1::SOURCE_UNREACHABLE;6:110:x::");
    cr_assert_eq(record_log_last(rest), 6);
    struct record_transition t;
    cr_assert(record_log_next(&rest, &t));
    cr_assert(t.version == 1 && t.at_s == 100 && t.status == JOB_QUEUED && t.attempt == 0);
    cr_assert(record_log_next(&rest, &t));
    cr_assert(t.version == 2 && t.status == JOB_RUNNING && t.attempt == 1);
    cr_assert(span_eq(t.worker_id, SPAN("w1")) && t.error_code.len == 0);
    cr_assert(record_log_next(&rest, &t));
    cr_assert(t.version == 5 && t.worker_id.len == 0);
    cr_assert(span_eq(t.error_code, SPAN("SOURCE_UNREACHABLE")));
    cr_assert(record_log_next(&rest, &t));
    cr_assert(t.version == 6 && t.status == JOB_CANCELED && t.attempt == 0);
    cr_assert_not(record_log_next(&rest, &t));
}
