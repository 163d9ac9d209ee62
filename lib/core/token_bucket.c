#include "core/token_bucket.h"

#include <assert.h>

static enum err parse_count(struct span text, uint32_t *out)
{
    uint64_t n;
    TRY(span_to_u64(text, &n));
    if (n == 0) {
        return ERR_INVALID;
    }
    if (n > RATE_TOKENS_MAX) {
        return ERR_TOO_LARGE;
    }
    *out = (uint32_t)n;
    return ERR_OK;
}

static enum err parse_period(struct span text, uint32_t *out_ms)
{
    if (span_eq(text, SPAN("s"))) {
        *out_ms = 1000;
        return ERR_OK;
    }
    if (span_eq(text, SPAN("m"))) {
        *out_ms = 60000;
        return ERR_OK;
    }
    return ERR_INVALID;
}

enum err rate_parse(struct span text, struct rate *out)
{
    struct span speed, burst, count, period;
    *out = (struct rate){0};
    if (text.len == 0) {
        return ERR_OK;
    }
    struct rate r = {0};
    const bool has_burst = span_cut(text, ':', &speed, &burst);
    if (!span_cut(speed, '/', &count, &period)) {
        return ERR_INVALID;
    }
    TRY(parse_count(count, &r.tokens));
    TRY(parse_period(period, &r.period_ms));
    r.burst = r.tokens;
    if (has_burst) {
        TRY(parse_count(burst, &r.burst));
    }
    *out = r;
    return ERR_OK;
}

static int64_t capacity(const struct rate *rate)
{
    return (int64_t)rate->burst * rate->period_ms;
}

void token_bucket_init(struct token_bucket *b, const struct rate *rate, int64_t now_ms)
{
    *b = (struct token_bucket){.level = capacity(rate), .at_ms = now_ms};
}

static void refill(struct token_bucket *b, const struct rate *rate, int64_t now_ms)
{
    const int64_t elapsed_ms = now_ms - b->at_ms;
    if (elapsed_ms <= 0) {
        return;
    }
    if (elapsed_ms >= token_bucket_full_ms(b, rate)) {
        b->level = capacity(rate);
    } else {
        b->level += elapsed_ms * rate->tokens;
    }
    b->at_ms = now_ms;
}

bool token_bucket_take(struct token_bucket *b, const struct rate *rate, uint32_t tokens,
                       int64_t now_ms)
{
    assert(rate->tokens > 0);
    refill(b, rate, now_ms);
    const int64_t cost = (int64_t)tokens * rate->period_ms;
    if (cost > 0 && b->level < cost) {
        return false;
    }
    b->level -= cost;
    return true;
}

void token_bucket_owe(struct token_bucket *b, const struct rate *rate, uint32_t tokens,
                      int64_t now_ms)
{
    refill(b, rate, now_ms);
    b->level -= (int64_t)tokens * rate->period_ms;
}

uint32_t token_bucket_left(const struct token_bucket *b, const struct rate *rate)
{
    return b->level > 0 ? (uint32_t)(b->level / rate->period_ms) : 0;
}

/* Until the level is `wanted`, rounded up. */
static int64_t wait_ms(const struct token_bucket *b, const struct rate *rate, int64_t wanted)
{
    const int64_t missing = wanted - b->level;
    return missing <= 0 ? 0 : (missing + rate->tokens - 1) / rate->tokens;
}

int64_t token_bucket_next_ms(const struct token_bucket *b, const struct rate *rate)
{
    return wait_ms(b, rate, rate->period_ms);
}

int64_t token_bucket_full_ms(const struct token_bucket *b, const struct rate *rate)
{
    return wait_ms(b, rate, capacity(rate));
}
