// links: base core
#include "core/tally.h"

#include <criterion/criterion.h>

enum { MINUTE = 60000 };
static const int64_t NOW = INT64_C(1795848000000); /* a full minute */
static struct tally t;

static void setup(void)
{
    tally_init(&t);
}

TestSuite(tally, .init = setup);

static uint64_t ago(size_t minutes, enum tally_event event, int64_t now)
{
    return tally_minute_ago(&t, minutes, now).of[event];
}

Test(tally, test_tally_when_nothing_was_counted_then_zeros_and_no_quantile)
{
    uint32_t steps[TALLY_STEPS];
    tally_steps(&t, 5, NOW, steps);
    cr_expect_eq(tally_quantile(steps, 950), -1);
    for (size_t i = 0; i < TALLY_MINUTES + 1; i++) {
        cr_expect_eq(ago(i, TALLY_ACCEPTED, NOW), 0);
    }
    cr_expect_eq(ago(0, TALLY_ACCEPTED, 0), 0, "at the epoch");
    cr_expect_eq(ago(0, TALLY_ACCEPTED, -1), 0, "a clock before it");
}

Test(tally, test_tally_when_minutes_pass_then_counts_move_back_and_leave_after_an_hour)
{
    tally_event(&t, TALLY_ACCEPTED, NOW);
    tally_event(&t, TALLY_ACCEPTED, NOW + MINUTE - 1);
    tally_event(&t, TALLY_ACCEPTED, NOW + MINUTE);
    cr_expect_eq(ago(0, TALLY_ACCEPTED, NOW + MINUTE), 1);
    cr_expect_eq(ago(1, TALLY_ACCEPTED, NOW + MINUTE), 2);
    cr_expect_eq(ago(59, TALLY_ACCEPTED, NOW + 59 * MINUTE), 2);
    cr_expect_eq(ago(60, TALLY_ACCEPTED, NOW + 60 * MINUTE), 0);
    tally_event(&t, TALLY_ACCEPTED, NOW + 60 * MINUTE); /* in the slot of the first minute */
    cr_expect_eq(ago(0, TALLY_ACCEPTED, NOW + 60 * MINUTE), 1);
    cr_expect_eq(t.totals.of[TALLY_ACCEPTED], 4);
}

Test(tally, test_tally_when_the_clock_steps_back_then_totals_stay)
{
    tally_event(&t, TALLY_CANCELED, NOW);
    tally_event(&t, TALLY_CANCELED, NOW - 60 * MINUTE);
    cr_expect_eq(t.totals.of[TALLY_CANCELED], 2);
    cr_expect_eq(ago(0, TALLY_CANCELED, NOW - 60 * MINUTE), 1);
}

Test(tally, test_tally_failure_when_retried_then_an_attempt_and_no_job)
{
    tally_failure(&t, JOB_ERROR_TIMEOUT, true, NOW);
    tally_failure(&t, JOB_ERROR_TIMEOUT, true, NOW + 59 * MINUTE);
    tally_failure(&t, JOB_ERROR_TIMEOUT, false, NOW + 59 * MINUTE);
    tally_failure(&t, JOB_ERROR_NONE, false, NOW + 59 * MINUTE);
    const struct tally_code timeout = tally_code_of(&t, JOB_ERROR_TIMEOUT, NOW + 59 * MINUTE);
    cr_expect_eq(timeout.jobs, 1);
    cr_expect_eq(timeout.attempts, 2);
    cr_expect_eq(tally_code_of(&t, JOB_ERROR_TIMEOUT, NOW + 60 * MINUTE).attempts, 1);
    cr_expect_eq(tally_code_of(&t, JOB_ERROR_NONE, NOW + 59 * MINUTE).jobs, 1);
    cr_expect_eq(t.totals.of[TALLY_FAILED], 2);
    cr_expect_eq(t.totals.of[TALLY_RETRIED], 2);
}

Test(tally, test_tally_quantile_when_read_then_at_most_a_fifth_above_the_true_one)
{
    for (int64_t ms = 1; ms <= 3600000; ms = ms * 5 / 4 + 1) {
        tally_init(&t);
        tally_completed(&t, ms, NOW);
        uint32_t steps[TALLY_STEPS];
        tally_steps(&t, 1, NOW, steps);
        const int64_t read = tally_quantile(steps, 950);
        cr_expect(read >= ms && (read <= ms * 119 / 100 || read == ms + 1), "%lld read as %lld",
                  (long long)ms, (long long)read);
    }
}

Test(tally, test_tally_quantile_when_many_then_the_rank_decides)
{
    uint32_t steps[TALLY_STEPS];
    for (int i = 0; i < 95; i++) {
        tally_completed(&t, 10, NOW);
    }
    for (int i = 0; i < 5; i++) {
        tally_completed(&t, 5000, NOW - 4 * MINUTE);
    }
    tally_completed(&t, -5, NOW - 5 * MINUTE); /* out of the window, and odd */
    tally_steps(&t, 5, NOW, steps);
    cr_expect_lt(tally_quantile(steps, 950), 13);
    cr_expect_geq(tally_quantile(steps, 951), 5000);
    cr_expect_geq(tally_quantile(steps, 1000), 5000);
}
