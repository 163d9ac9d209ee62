// links: base core
#include "core/job.h"

#include <criterion/criterion.h>

Test(job, test_job_status_when_text_is_unknown_then_invalid)
{
    static const char *const bad[] = {"", "Queued", "queue", "queuedd", "done", "running "};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        enum job_status s = JOB_QUEUED;
        cr_assert_eq(job_status_parse(span_of(bad[i]), &s), ERR_INVALID, "%s", bad[i]);
    }
}

Test(job, test_job_stage_when_text_is_unknown_then_invalid)
{
    enum job_stage s = STAGE_DONE;
    cr_assert_eq(job_stage_parse(SPAN("waiting"), &s), ERR_INVALID);
    cr_assert_eq(job_stage_parse(SPAN(""), &s), ERR_INVALID);
    cr_assert_eq(s, STAGE_DONE);
}

Test(job, test_job_names_when_value_is_out_of_range_then_unknown)
{
    cr_assert_str_eq(job_status_name(JOB_STATUS_COUNT), "unknown");
    cr_assert_str_eq(job_stage_name(STAGE_COUNT), "unknown");
}

Test(job, test_job_names_when_parsed_back_then_the_same)
{
    for (unsigned i = 0; i < JOB_STATUS_COUNT; i++) {
        enum job_status s = JOB_STATUS_COUNT;
        cr_assert_eq(job_status_parse(span_of(job_status_name((enum job_status)i)), &s), ERR_OK);
        cr_assert_eq((unsigned)s, i);
    }
    for (unsigned i = 0; i < STAGE_COUNT; i++) {
        enum job_stage s = STAGE_COUNT;
        cr_assert_eq(job_stage_parse(span_of(job_stage_name((enum job_stage)i)), &s), ERR_OK);
        cr_assert_eq((unsigned)s, i);
    }
}

Test(job, test_job_status_terminal_when_ended_then_true)
{
    cr_assert_not(job_status_terminal(JOB_QUEUED));
    cr_assert_not(job_status_terminal(JOB_RUNNING));
    cr_assert(job_status_terminal(JOB_COMPLETED));
    cr_assert(job_status_terminal(JOB_FAILED));
    cr_assert(job_status_terminal(JOB_CANCELED));
}
