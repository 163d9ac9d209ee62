// links: base core
#include "core/job.h"
#include "core/job_error.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <string.h>

Test(job_error, knows_every_code_by_its_name_and_no_other)
{
    for (enum job_error e = JOB_ERROR_NONE + 1; e < JOB_ERROR_COUNT; e++) {
        cr_assert_gt(job_error_code(e).len, 0);
        cr_assert_leq(job_error_code(e).len, JOB_CODE_MAX);
        cr_assert_leq(strlen(job_error_message(e)), JOB_MESSAGE_MAX);
        cr_assert_eq(job_error_parse(job_error_code(e)), e);
    }
    cr_assert_eq(job_error_parse(SPAN("")), JOB_ERROR_NONE);
    cr_assert_eq(job_error_parse(SPAN("source_not_found")), JOB_ERROR_NONE);
    cr_assert_eq(job_error_parse(SPAN("SOURCE_NOT_FOUNDX")), JOB_ERROR_NONE);
}

Test(job_error, says_to_people_what_happened_and_what_to_do)
{
    for (enum job_error e = JOB_ERROR_NONE + 1; e < JOB_ERROR_COUNT; e++) {
        const char *message = job_error_message(e);
        const char *second = strstr(message, ". ");
        cr_assert(isupper((unsigned char)message[0]), "%s", message);
        cr_assert_not_null(second, "%s", message);
        cr_assert(isupper((unsigned char)second[2]), "%s", message);
        cr_assert_eq(message[strlen(message) - 1], '.', "%s", message);
    }
}

Test(job_error, carries_the_lists_word_on_trying_again_unless_told_otherwise)
{
    cr_assert(job_fault_of(JOB_ERROR_TIMEOUT).retryable);
    cr_assert_not(job_fault_of(JOB_ERROR_SOURCE_NOT_FOUND).retryable);
    cr_assert_not(job_fault_final(JOB_ERROR_CHECKSUM_MISMATCH, "x").retryable);
    cr_assert_str_eq(job_fault_text(JOB_ERROR_TIMEOUT, "x").message, "x");
}
