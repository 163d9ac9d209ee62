// links: base core
#include "core/artifact_key.h"

#include <criterion/criterion.h>

#define JOB "00123456789abcdefghjkmnpqrs"

Test(artifact_key, refuses_what_no_attempt_is_called)
{
    static const char *const BAD[] = {"",
                                      "x",
                                      ".",
                                      "../objects/x",
                                      JOB,
                                      JOB ".",
                                      JOB ".1/",
                                      JOB ".-1",
                                      JOB ".18446744073709551616",
                                      JOB ".1.",
                                      JOB ".1.full",
                                      JOB ".1.empty.empty",
                                      JOB "..empty",
                                      JOB ".1.empty/../x"};
    bool empty = false;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        cr_assert_eq(artifact_key_check(span_of(BAD[i]), &empty), ERR_INVALID, "%s", BAD[i]);
    }
}

Test(artifact_key, reads_what_it_writes)
{
    const struct attempt a = {.job_id = JOB, .fence = UINT64_MAX};
    for (int wanted = 0; wanted < 2; wanted++) {
        char key[ARTIFACT_KEY_SIZE];
        bool empty = wanted == 0;
        artifact_key_write(&a, wanted == 1, key);
        cr_assert_eq(artifact_key_check(span_of(key), &empty), ERR_OK, "%s", key);
        cr_assert_eq(empty, wanted == 1);
    }
}
