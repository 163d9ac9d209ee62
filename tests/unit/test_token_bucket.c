// links: base core
#include "core/token_bucket.h"

#include <criterion/criterion.h>

static struct rate rate_of(const char *text)
{
    struct rate r;
    cr_assert_eq(rate_parse(span_of(text), &r), ERR_OK, "%s", text);
    return r;
}

Test(token_bucket, test_rate_when_text_is_wrong_then_refused)
{
    static const char *const bad[] = {"5",     "5/",    "/s",     "0/s",     "5/h",   "-5/s",
                                      "5/s:",  "5/s:0", "5/s:-1", " 5/s",    "5/s ",  "05/s",
                                      "5/s:x", "5.5/s", "5/S",    "5/s:1:1", "1e3/s", "5/s,6/s"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct rate r;
        cr_expect_eq(rate_parse(span_of(bad[i]), &r), ERR_INVALID, "%s", bad[i]);
        cr_expect_eq(r.tokens, 0, "%s", bad[i]);
    }
    struct rate r;
    cr_expect_eq(rate_parse(SPAN("1000001/s"), &r), ERR_TOO_LARGE);
    cr_expect_eq(rate_parse(SPAN("1/s:1000001"), &r), ERR_TOO_LARGE);
}

Test(token_bucket, test_rate_when_text_is_right_then_read)
{
    const struct rate plain = rate_of("5/s");
    cr_expect(plain.tokens == 5 && plain.period_ms == 1000 && plain.burst == 5);
    const struct rate burst = rate_of("30/m:7");
    cr_expect(burst.tokens == 30 && burst.period_ms == 60000 && burst.burst == 7);
    cr_expect_eq(rate_of("").tokens, 0);
}

Test(token_bucket, test_take_when_burst_is_used_up_then_refused_until_a_token_came)
{
    const struct rate r = rate_of("4/s:3");
    struct token_bucket b;
    token_bucket_init(&b, &r, 1000);
    for (int i = 0; i < 3; i++) {
        cr_expect(token_bucket_take(&b, &r, 1, 1000));
    }
    cr_expect_not(token_bucket_take(&b, &r, 1, 1000));
    cr_expect_eq(token_bucket_next_ms(&b, &r), 250);
    cr_expect_eq(token_bucket_full_ms(&b, &r), 750);
    cr_expect_not(token_bucket_take(&b, &r, 1, 1249));
    cr_expect(token_bucket_take(&b, &r, 1, 1250));
    cr_expect_eq(token_bucket_left(&b, &r), 0);
}

Test(token_bucket, test_take_when_clock_steps_back_then_nothing_is_added)
{
    const struct rate r = rate_of("1/s");
    struct token_bucket b;
    token_bucket_init(&b, &r, 5000);
    cr_expect(token_bucket_take(&b, &r, 1, 5000));
    cr_expect_not(token_bucket_take(&b, &r, 1, 0));
    cr_expect_not(token_bucket_take(&b, &r, 1, 5999));
    cr_expect(token_bucket_take(&b, &r, 1, 6000));
}

Test(token_bucket, test_take_when_waited_for_ever_then_no_more_than_the_burst)
{
    const struct rate r = rate_of("1000000/s:1000000");
    struct token_bucket b;
    token_bucket_init(&b, &r, 0);
    cr_expect(token_bucket_take(&b, &r, 1000000, 0));
    cr_expect_not(token_bucket_take(&b, &r, 1, 0));
    cr_expect(token_bucket_take(&b, &r, 0, INT64_MAX));
    cr_expect_eq(token_bucket_left(&b, &r), 1000000);
}

Test(token_bucket, test_take_when_in_debt_then_refused_until_it_is_paid)
{
    const struct rate r = rate_of("1/s:3");
    struct token_bucket b;
    token_bucket_init(&b, &r, 0);
    cr_assert(token_bucket_take(&b, &r, 1, 0));
    token_bucket_owe(&b, &r, 20, 0); /* 3 - 1 - 20 */
    cr_expect_eq(token_bucket_left(&b, &r), 0);
    cr_expect_eq(token_bucket_next_ms(&b, &r), 19000);
    cr_expect_eq(token_bucket_full_ms(&b, &r), 21000);
    cr_expect(token_bucket_take(&b, &r, 0, 0), "to look costs nothing");
    cr_expect_not(token_bucket_take(&b, &r, 1, 18999));
    cr_expect(token_bucket_take(&b, &r, 1, 19000), "who waits as told is let in");
}

/* Whatever the rhythm, what was granted is never more than burst + rate * time, and never less by
 * more than one token. */
Test(token_bucket, test_take_when_asked_every_millisecond_then_exactly_the_rate_is_granted)
{
    static const char *const rates[] = {"3/s:2", "7/s:7", "999/s:2", "30/m:5", "1/m:1"};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        const struct rate r = rate_of(rates[i]);
        struct token_bucket b;
        token_bucket_init(&b, &r, 0);
        int64_t granted = 0;
        const int64_t end_ms = 600000;
        for (int64_t now_ms = 0; now_ms <= end_ms; now_ms++) {
            granted += token_bucket_take(&b, &r, 1, now_ms) ? 1 : 0;
        }
        const int64_t most = r.burst + end_ms * r.tokens / r.period_ms;
        cr_expect_leq(granted, most, "%s", rates[i]);
        cr_expect_geq(granted, most - 1, "%s: %ld of %ld", rates[i], (long)granted, (long)most);
    }
}
