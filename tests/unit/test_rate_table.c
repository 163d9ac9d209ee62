// links: base core
#include "core/rate_header.h"
#include "core/rate_table.h"

#include <criterion/criterion.h>
#include <stdio.h>

static const struct siphash_key KEY = {1, 2};
static const struct rate RATE = {.tokens = 1, .period_ms = 1000, .burst = 2};

static struct rate_table *table(void)
{
    struct rate_table *t;
    cr_assert_eq(rate_table_new(&RATE, &KEY, &t), ERR_OK);
    return t;
}

static struct rate_state take(struct rate_table *t, unsigned n, int64_t now_ms)
{
    char name[24];
    const int len = snprintf(name, sizeof name, "caller-%u", n);
    return rate_table_take(t, (struct span){name, (size_t)len}, 1, now_ms);
}

Test(rate_table, test_take_when_burst_is_used_up_then_refused_with_the_wait)
{
    struct rate_table *t = table();
    cr_expect(take(t, 1, 0).allowed);
    cr_expect_eq(take(t, 1, 0).left, 0);
    const struct rate_state s = take(t, 1, 400);
    cr_expect_not(s.allowed);
    cr_expect_eq(s.retry_ms, 600);
    cr_expect_eq(s.full_ms, 1600);
    cr_expect(take(t, 1, 1000).allowed);
    rate_table_destroy(&t);
}

Test(rate_table, test_take_when_another_caller_is_in_debt_then_not_affected)
{
    struct rate_table *t = table();
    (void)take(t, 1, 0);
    (void)take(t, 1, 0);
    cr_expect_not(take(t, 1, 0).allowed);
    cr_expect(take(t, 2, 0).allowed);
    rate_table_destroy(&t);
}

Test(rate_table, test_take_when_only_looking_then_nothing_is_taken)
{
    struct rate_table *t = table();
    for (int i = 0; i < 5; i++) {
        const struct rate_state s = rate_table_take(t, SPAN("a"), 0, 0);
        cr_expect(s.allowed && s.left == 2);
    }
    rate_table_destroy(&t);
}

/* A debtor cannot be washed off by any number of other names. */
Test(rate_table, test_take_when_strangers_flood_then_a_debt_stays)
{
    struct rate_table *t = table();
    (void)take(t, 0, 0);
    (void)take(t, 0, 0);
    for (unsigned n = 1; n < 20U * RATE_CELLS; n++) {
        (void)take(t, n, 0);
    }
    cr_expect_not(take(t, 0, 0).allowed);
    rate_table_destroy(&t);
}

/* With every cell in debt, newcomers share one bucket: they are limited, not let through. */
Test(rate_table, test_take_when_all_cells_are_in_debt_then_newcomers_share)
{
    struct rate_table *t = table();
    unsigned allowed = 0;
    for (unsigned n = 0; n < 20U * RATE_CELLS; n++) {
        allowed += take(t, n, 0).allowed ? 1 : 0;
    }
    cr_expect_leq(allowed, RATE_CELLS + RATE.burst);
    cr_expect(take(t, 4000000000U, 2000).allowed, "two seconds later all buckets are full again");
    rate_table_destroy(&t);
}

Test(rate_header, test_header_when_two_limits_then_one_list)
{
    struct buf b;
    const struct rate slow = {.tokens = 30, .period_ms = 60000, .burst = 45};
    const struct rate_state s = {.left = 1, .retry_ms = 0, .full_ms = 1001};
    buf_init(&b, 256);
    rate_header_policy("address", &RATE, &b);
    rate_header_policy("user", &slow, &b);
    cr_expect(span_eq(buf_as_span(&b), SPAN("\"address\";q=2;w=2, \"user\";q=45;w=90")), "%.*s",
              SPAN_ARG(buf_as_span(&b)));
    buf_reset(&b);
    rate_header_state("user", &s, &b);
    cr_expect(span_eq(buf_as_span(&b), SPAN("\"user\";r=1;t=2")));
    cr_expect_eq(rate_retry_after_s(&s), 1);
    cr_expect_eq(rate_retry_after_s(&(struct rate_state){.retry_ms = 1001}), 2);
    buf_clear(&b);
}
