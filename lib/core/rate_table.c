#include "core/rate_table.h"

#include <stdlib.h>

struct cell {
    uint64_t tag; /* the caller's hash; 0: free */
    struct token_bucket bucket;
};

struct rate_table {
    struct rate rate;
    struct siphash_key key;
    struct token_bucket shared; /* of callers for whom there was no cell */
    struct cell sets[RATE_SETS][RATE_WAYS];
};

enum err rate_table_new(const struct rate *rate, const struct siphash_key *key,
                        struct rate_table **out)
{
    struct rate_table *t = calloc(1, sizeof *t);
    if (t == NULL) {
        return ERR_NOMEM;
    }
    t->rate = *rate;
    t->key = *key;
    token_bucket_init(&t->shared, rate, 0);
    *out = t;
    return ERR_OK;
}

void rate_table_destroy(struct rate_table **t)
{
    free(*t);
    *t = NULL;
}

static bool is_full(const struct rate_table *t, const struct cell *cell, int64_t now_ms)
{
    return now_ms - cell->bucket.at_ms >= token_bucket_full_ms(&cell->bucket, &t->rate);
}

/* The caller's bucket, or one that was free, or the shared one. */
static struct token_bucket *find(struct rate_table *t, uint64_t tag, int64_t now_ms)
{
    struct cell *set = t->sets[tag % RATE_SETS];
    struct cell *usable = NULL;
    for (size_t i = 0; i < RATE_WAYS; i++) {
        if (set[i].tag == tag) {
            return &set[i].bucket;
        }
        if (usable == NULL && (set[i].tag == 0 || is_full(t, &set[i], now_ms))) {
            usable = &set[i];
        }
    }
    if (usable == NULL) {
        return &t->shared;
    }
    usable->tag = tag;
    token_bucket_init(&usable->bucket, &t->rate, now_ms);
    return &usable->bucket;
}

static struct token_bucket *bucket_of(struct rate_table *t, struct span name, int64_t now_ms)
{
    const uint64_t hash = siphash(&t->key, name);
    return find(t, hash != 0 ? hash : 1, now_ms);
}

static struct rate_state state_of(const struct rate_table *t, const struct token_bucket *b,
                                  bool allowed)
{
    return (struct rate_state){.allowed = allowed,
                               .left = token_bucket_left(b, &t->rate),
                               .retry_ms = token_bucket_next_ms(b, &t->rate),
                               .full_ms = token_bucket_full_ms(b, &t->rate)};
}

struct rate_state rate_table_take(struct rate_table *t, struct span name, uint32_t tokens,
                                  int64_t now_ms)
{
    struct token_bucket *b = bucket_of(t, name, now_ms);
    const bool allowed = token_bucket_take(b, &t->rate, tokens, now_ms);
    return state_of(t, b, allowed);
}

struct rate_state rate_table_owe(struct rate_table *t, struct span name, uint32_t tokens,
                                 int64_t now_ms)
{
    struct token_bucket *b = bucket_of(t, name, now_ms);
    token_bucket_owe(b, &t->rate, tokens, now_ms);
    return state_of(t, b, true);
}
