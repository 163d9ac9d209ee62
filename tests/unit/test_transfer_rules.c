// links: base core
#include "core/transfer_rules.h"

#include <criterion/criterion.h>
#include <string.h>

Test(transfer_rules, turns_a_status_into_what_it_means_for_the_job)
{
    static const struct {
        long status;
        enum job_error error;
        bool retryable;
    } CASES[] = {
        {404, JOB_ERROR_SOURCE_NOT_FOUND, false},  {410, JOB_ERROR_SOURCE_NOT_FOUND, false},
        {401, JOB_ERROR_SOURCE_FORBIDDEN, false},  {403, JOB_ERROR_SOURCE_FORBIDDEN, false},
        {408, JOB_ERROR_SOURCE_UNREACHABLE, true}, {429, JOB_ERROR_SOURCE_UNREACHABLE, true},
        {500, JOB_ERROR_SOURCE_UNREACHABLE, true}, {503, JOB_ERROR_SOURCE_UNREACHABLE, true},
        {599, JOB_ERROR_SOURCE_UNREACHABLE, true}, {400, JOB_ERROR_SOURCE_INVALID, false},
        {416, JOB_ERROR_SOURCE_INVALID, false},    {204, JOB_ERROR_SOURCE_INVALID, false},
        {304, JOB_ERROR_SOURCE_INVALID, false},    {0, JOB_ERROR_SOURCE_INVALID, false},
        {600, JOB_ERROR_SOURCE_INVALID, false},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const struct job_fault f = transfer_http_fault(CASES[i].status, 0);
        cr_assert_eq(f.error, CASES[i].error, "%ld", CASES[i].status);
        cr_assert_eq(f.retryable, CASES[i].retryable, "%ld", CASES[i].status);
        cr_assert_eq(f.retry_after_ms, 0);
    }
}

Test(transfer_rules, caps_retry_after_and_ignores_it_where_nothing_is_retried)
{
    cr_assert_eq(transfer_http_fault(503, 7).retry_after_ms, 7000);
    cr_assert_eq(transfer_http_fault(503, INT64_MAX).retry_after_ms, 3600000);
    cr_assert_eq(transfer_http_fault(503, -5).retry_after_ms, 0);
    cr_assert_eq(transfer_http_fault(404, 7).retry_after_ms, 0);
}

Test(transfer_rules, says_which_expectation_was_broken_and_whether_again_helps)
{
    const unsigned char sha[SHA256_SIZE] = {1};
    struct transfer_expect e = {.size_bytes = -1};
    cr_assert_eq(transfer_verify(&e, 5, sha).error, JOB_ERROR_NONE);
    e.size_bytes = 5;
    e.has_catalogue_sha256 = e.has_job_sha256 = true;
    memcpy(e.catalogue_sha256, sha, sizeof sha);
    memcpy(e.job_sha256, sha, sizeof sha);
    cr_assert_eq(transfer_verify(&e, 5, sha).error, JOB_ERROR_NONE);
    e.size_bytes = 6;
    cr_assert(transfer_verify(&e, 5, sha).retryable);
    cr_assert_eq(transfer_verify(&e, 5, sha).error, JOB_ERROR_CHECKSUM_MISMATCH);
    e.size_bytes = 5;
    e.catalogue_sha256[0] = 2;
    cr_assert(transfer_verify(&e, 5, sha).retryable);
    e.job_sha256[0] = 2;
    cr_assert_eq(transfer_verify(&e, 5, sha).error, JOB_ERROR_CHECKSUM_MISMATCH);
    cr_assert_not(transfer_verify(&e, 5, sha).retryable);
}

Test(transfer_rules, refuses_a_size_before_a_byte_is_fetched)
{
    const struct transfer_expect e = {.size_bytes = 10};
    cr_assert_eq(transfer_verify_size(&e, -1, 5).error, JOB_ERROR_NONE);
    cr_assert_eq(transfer_verify_size(&e, 10, 10).error, JOB_ERROR_NONE);
    cr_assert_eq(transfer_verify_size(&e, 10, 9).error, JOB_ERROR_SOURCE_TOO_LARGE);
    cr_assert_eq(transfer_verify_size(&e, 11, 99).error, JOB_ERROR_CHECKSUM_MISMATCH);
}

Test(transfer_rules, resumes_only_what_can_be_proven_to_be_the_same)
{
    const struct transfer_break good = {.strong_etag = true, .accepts_ranges = true, .received = 1};
    cr_assert(transfer_may_resume(&good));
    for (int i = 0; i < 4; i++) {
        struct transfer_break b = good;
        b.strong_etag = i != 0;
        b.accepts_ranges = i != 1;
        b.received = i != 2 ? 1 : 0;
        b.resumes = i != 3 ? 0 : TRANSFER_RESUMES_MAX;
        cr_assert_not(transfer_may_resume(&b), "%d", i);
    }
    cr_assert_eq(transfer_resume_delay_ms(0), 0);
    cr_assert_eq(transfer_resume_delay_ms(1), 200);
    cr_assert_eq(transfer_resume_delay_ms(4), 1600);
}

Test(transfer_rules, shortens_an_attempt_by_its_class)
{
    struct class_timeouts t;
    cr_assert_eq(class_timeouts_parse(SPAN("video=300, small=30"), &t), ERR_OK);
    cr_assert_eq(class_timeouts_cap(&t, SPAN("small"), 60000), 30000);
    cr_assert_eq(class_timeouts_cap(&t, SPAN("video"), 60000), 60000);
    cr_assert_eq(class_timeouts_cap(&t, SPAN("other"), 60000), 60000);
    cr_assert_eq(class_timeouts_cap(&t, SPAN(""), 60000), 60000);
    cr_assert_eq(class_timeouts_parse(SPAN(""), &t), ERR_OK);
    cr_assert_eq(t.count, 0);
}

Test(transfer_rules, refuses_class_timeouts_that_break_a_rule)
{
    static const char *const BAD[] = {"x",         "=30",   "a=",     "a=9", "a=301",
                                      "a=30,a=40", "a=30,", "a b=30", "a=3x"};
    struct class_timeouts t;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        cr_assert_neq(class_timeouts_parse(span_of(BAD[i]), &t), ERR_OK, "%s", BAD[i]);
    }
}
