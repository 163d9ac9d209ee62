// links: base
#include "base/log_limit.h"

#include <criterion/criterion.h>

Test(log_limit, test_log_limit_pass_when_there_are_too_many_then_the_rest_is_left_out)
{
    struct log_limit l = {0};
    uint64_t left_out = 7;
    for (int i = 0; i < LOG_LIMIT_LINES; i++) {
        cr_assert(log_limit_pass(&l, 1000 + i, &left_out));
        cr_assert_eq(left_out, 0);
    }
    for (int i = 0; i < 500; i++) {
        cr_assert_not(log_limit_pass(&l, 2000 + i, &left_out));
    }
}

Test(log_limit, test_log_limit_pass_when_the_while_is_over_then_says_how_many_were_left_out)
{
    struct log_limit l = {0};
    uint64_t left_out = 0;
    for (int i = 0; i < LOG_LIMIT_LINES + 3; i++) {
        (void)log_limit_pass(&l, 1000, &left_out);
    }
    cr_assert_not(log_limit_pass(&l, 1000 + LOG_LIMIT_MS - 1, &left_out));
    cr_assert(log_limit_pass(&l, 1000 + LOG_LIMIT_MS, &left_out));
    cr_assert_eq(left_out, 4);
    cr_assert(log_limit_pass(&l, 1000 + LOG_LIMIT_MS, &left_out));
    cr_assert_eq(left_out, 0);
}

Test(log_limit, test_log_limit_pass_when_the_clock_goes_back_then_not_silent_for_ever)
{
    struct log_limit l = {0};
    uint64_t left_out;
    for (int i = 0; i < LOG_LIMIT_LINES + 1; i++) {
        (void)log_limit_pass(&l, 1000000, &left_out);
    }
    cr_assert(log_limit_pass(&l, 5, &left_out));
}
