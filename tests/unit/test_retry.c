// links: base core
#include "core/retry.h"

#include <criterion/criterion.h>

/* With `random` 0 the shortest delay is drawn, with the span's width minus one the longest. */
static int64_t shortest(const char *code, uint32_t failures)
{
    return retry_delay_ms(span_of(code), failures, 0, 0);
}

static int64_t longest(const char *code, uint32_t failures)
{
    const int64_t low = shortest(code, failures);
    int64_t most = low;
    for (uint64_t random = 0; random <= 60000; random++) {
        const int64_t d = retry_delay_ms(span_of(code), failures, 0, random);
        most = d > most ? d : most;
    }
    return most;
}

Test(retry, test_retry_unknown_code_takes_the_default_class)
{
    cr_assert_eq(shortest("NO_SUCH_CODE", 0), 500);
    cr_assert_eq(longest("NO_SUCH_CODE", 0), 1000);
    cr_assert_eq(retry_delay_ms((struct span){NULL, 0}, 0, 0, 0), 500);
}

Test(retry, test_retry_huge_failure_count_stays_at_the_cap)
{
    cr_assert_eq(longest("SOURCE_UNREACHABLE", UINT32_MAX), 60000);
    cr_assert_eq(longest("STORE_UNAVAILABLE", 64), 15000);
    cr_assert_eq(shortest("SOURCE_UNREACHABLE", UINT32_MAX), 30000);
}

Test(retry, test_retry_after_over_the_cap_is_cut)
{
    const int64_t d = retry_delay_ms(SPAN("SOURCE_UNREACHABLE"), 0, UINT32_MAX, 0);
    cr_assert_eq(d, RETRY_AFTER_MAX_MS);
}

Test(retry, test_retry_after_shorter_than_the_backoff_changes_nothing)
{
    for (uint64_t random = 0; random < 4000; random += 7) {
        cr_assert_eq(retry_delay_ms(SPAN("SOURCE_UNREACHABLE"), 3, 100, random),
                     retry_delay_ms(SPAN("SOURCE_UNREACHABLE"), 3, 0, random));
    }
}

Test(retry, test_retry_after_is_a_floor_with_a_tenth_of_jitter)
{
    for (uint64_t random = 0; random < 100000; random += 13) {
        const int64_t d = retry_delay_ms(SPAN("SOURCE_UNREACHABLE"), 0, 45000, random);
        cr_assert(d >= 45000 && d <= 49500, "%lld", (long long)d);
    }
}

Test(retry, test_retry_doubles_with_each_failure_until_the_cap)
{
    static const int64_t FULL[] = {2000, 4000, 8000, 16000, 32000, 60000, 60000};
    for (uint32_t n = 0; n < sizeof FULL / sizeof FULL[0]; n++) {
        cr_assert_eq(shortest("SOURCE_UNREACHABLE", n), FULL[n] / 2);
        cr_assert_eq(longest("SOURCE_UNREACHABLE", n), FULL[n]);
    }
}

Test(retry, test_retry_classes_differ)
{
    cr_assert_gt(longest("SOURCE_STALLED", 0), longest("STORE_UNAVAILABLE", 0));
    cr_assert_gt(longest("TIMEOUT", 0), longest("WORKER_LOST", 0));
    cr_assert_eq(longest("CHECKSUM_MISMATCH", 10), 30000);
}

Test(retry, test_retry_draws_spread_over_the_whole_span)
{
    unsigned low_half = 0;
    uint64_t random = 88172645463325252u; /* xorshift64 */
    for (int i = 0; i < 10000; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        low_half += retry_delay_ms(SPAN("TIMEOUT"), 0, 0, random) < 750 ? 1 : 0;
    }
    cr_assert(low_half > 4700 && low_half < 5300, "%u", low_half);
}
