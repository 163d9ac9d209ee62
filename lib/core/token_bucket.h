/* Token bucket: how many requests a caller may make, in integer arithmetic.
 *
 *     "20/s:50"    20 tokens come a second, at most 50 are kept: a burst of 50, then 20 a second
 *     "30/m"       30 a minute; the burst is one period's worth
 *
 * A level is counted in 1/period_ms of a token, so that each millisecond adds exactly `tokens` and
 * nothing is lost to rounding. Time is a parameter; a clock that steps back adds nothing. */
#ifndef LONGHAUL_CORE_TOKEN_BUCKET_H
#define LONGHAUL_CORE_TOKEN_BUCKET_H

#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum { RATE_TOKENS_MAX = 1000000 /* of a period, and of a burst: a level fits 64 bits by far */ };

struct rate {
    uint32_t tokens; /* a period; 0: no limit */
    uint32_t period_ms;
    uint32_t burst;
};

struct token_bucket {
    int64_t level; /* tokens times period_ms; below zero: a debt */
    int64_t at_ms; /* when the level was true */
};

/* N/s, N/m, each with an optional :burst. Empty text: no limit. ERR_INVALID, ERR_TOO_LARGE. */
MUST_CHECK enum err rate_parse(struct span text, struct rate *out);

void token_bucket_init(struct token_bucket *b, const struct rate *rate, int64_t now_ms); /* full */
/* Adds what came since; then takes `tokens`, or says false and takes none. */
bool token_bucket_take(struct token_bucket *b, const struct rate *rate, uint32_t tokens,
                       int64_t now_ms);

/* What turned out to cost more than was taken: the level falls, below zero if need be, and the next
 * take waits for it. Taking 0 always succeeds. */
void token_bucket_owe(struct token_bucket *b, const struct rate *rate, uint32_t tokens,
                      int64_t now_ms);

/* As of the last of both. */
uint32_t token_bucket_left(const struct token_bucket *b, const struct rate *rate);
int64_t token_bucket_next_ms(const struct token_bucket *b, const struct rate *rate); /* a token */
int64_t token_bucket_full_ms(const struct token_bucket *b, const struct rate *rate);

#endif
