// links: base core
#include "core/history_json.h"

#include <criterion/criterion.h>

static const char *render(enum job_status status, enum job_stage stage, const char *log)
{
    static char out[4096];
    struct buf b;
    const struct job_record r = {.status = status, .stage = stage, .log = span_of(log)};
    buf_init(&b, sizeof out - 1);
    history_json_render(&r, &b);
    cr_assert_eq(buf_error(&b), ERR_OK);
    memcpy(out, b.data, b.len);
    out[b.len] = '\0';
    buf_clear(&b);
    return out;
}

#define EVENT(version, at, status, stage, attempt, worker, code)                                   \
    "{\"version\":" #version ",\"at\":" #at ",\"status\":\"" status "\",\"stage\":" stage          \
    ",\"attempt\":" attempt ",\"workerId\":" worker ",\"errorCode\":" code "}"
#define QUEUED EVENT(1, 10, "queued", "\"queued\"", "null", "null", "null")

Test(history_json, test_render_when_the_log_is_empty_or_damaged_then_what_can_be_read)
{
    cr_expect_str_eq(render(JOB_QUEUED, STAGE_QUEUED, ""), "{\"events\":[]}");
    cr_expect_str_eq(render(JOB_QUEUED, STAGE_QUEUED, "x"), "{\"events\":[]}");
    cr_expect_str_eq(render(JOB_QUEUED, STAGE_QUEUED, "1:10:q;2:zz:r"),
                     "{\"events\":[" QUEUED "]}");
}

Test(history_json, test_render_when_an_attempt_ended_then_its_worker_and_code)
{
    cr_expect_str_eq(render(JOB_FAILED, STAGE_UPLOADING,
                            "1:10:q;2:11:r:1:w1;4:12:q:1::TIMEOUT;5:13:r:2:w2;6:14:f:2::INTERNAL"),
                     "{\"events\":[" QUEUED
                     "," EVENT(2, 11, "running", "\"fetching\"", "1", "\"w1\"", "null") "," EVENT(
                         4, 12, "queued", "\"queued\"", "1", "\"w1\"",
                         "\"TIMEOUT\"") "," EVENT(5, 13, "running", "\"fetching\"", "2", "\"w2\"",
                                                  "null") "," EVENT(6, 14, "failed",
                                                                    "\"uploading\"", "2", "\"w2\"",
                                                                    "\"INTERNAL\"") "]}");
}

Test(history_json, test_render_when_an_end_is_not_the_present_one_then_its_stage_is_null)
{
    cr_expect_str_eq(render(JOB_QUEUED, STAGE_QUEUED, "3:12:x:1;4:13:q"),
                     "{\"events\":[" EVENT(3, 12, "canceled", "null", "1", "null",
                                           "null") "," EVENT(4, 13, "queued", "\"queued\"", "null",
                                                             "null", "null") "]}");
}

Test(history_json, test_render_when_completed_then_done)
{
    cr_expect_str_eq(render(JOB_COMPLETED, STAGE_DONE, "2:11:r:1:w1;3:12:c:1"),
                     "{\"events\":[" EVENT(2, 11, "running", "\"fetching\"", "1", "\"w1\"",
                                           "null") "," EVENT(3, 12, "completed", "\"done\"", "1",
                                                             "\"w1\"", "null") "]}");
}
