/* Rate table: one token bucket for each caller, in a table of fixed size.
 *
 * A caller's name chooses a set of RATE_WAYS cells by a keyed hash, so strangers cannot choose who
 * shares one with them. A cell is given to another caller only when its bucket is full again: it
 * then says nothing that a new bucket would not say. So nobody can make the table grow, and nobody
 * can wash off a debt, their own or another's, by coming under many names. A caller who finds a set
 * full of debtors takes from one bucket that all such callers share.
 *
 * Keeping a cell in debt takes a steady `rate` of requests, so filling the table takes RATE_CELLS
 * times that: more than a process serves.
 *
 * Owner: the caller. Not for several threads at once. */
#ifndef LONGHAUL_CORE_RATE_TABLE_H
#define LONGHAUL_CORE_RATE_TABLE_H

#include "base/err.h"
#include "base/siphash.h"
#include "base/span.h"
#include "core/token_bucket.h"

#include <stdbool.h>
#include <stdint.h>

enum { RATE_WAYS = 8, RATE_SETS = 8192, RATE_CELLS = RATE_WAYS * RATE_SETS /* 1.5 MiB */ };

struct rate_table;

/* What one caller is told. */
struct rate_state {
    bool allowed;
    uint32_t left;    /* whole tokens */
    int64_t retry_ms; /* until one token is there; 0: one is */
    int64_t full_ms;  /* until the whole burst is there */
};

MUST_CHECK enum err rate_table_new(const struct rate *rate, const struct siphash_key *key,
                                   struct rate_table **out);
void rate_table_destroy(struct rate_table **t); /* NULL inside is fine */

/* `tokens` 0 only looks. */
struct rate_state rate_table_take(struct rate_table *t, struct span name, uint32_t tokens,
                                  int64_t now_ms);
/* Once it was let in, what it costs beyond that; a debt stays the name's (token_bucket_owe). */
struct rate_state rate_table_owe(struct rate_table *t, struct span name, uint32_t tokens,
                                 int64_t now_ms);

#endif
