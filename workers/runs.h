/* Runs: the table of all attempts that this worker holds. Bounded: see below. */
#ifndef LONGHAUL_WORKERS_RUNS_H
#define LONGHAUL_WORKERS_RUNS_H

#include "base/err.h"
#include "base/list.h"
#include "base/map.h"
#include "workers/run.h"

#include <stddef.h>

enum {
    RUNS_REPORTS_MAX = 4096, /* results without Ack; beyond it no slot is offered */
    RUNS_RECENT_MAX =
        512, /* finished ones that are remembered, so that a repeated Assign is known */
    RUNS_REPEAT_MS = 1000, /* a result is sent again so often */
};

struct runs {
    size_t slots;
    struct map *by_key;
    struct list moving, storing, recent, unused;
    struct list reports; /* by repeat_ms */
    size_t moving_count, storing_count, reports_count, recent_count;
    struct attempt *named; /* room for `slots` */
};

MUST_CHECK enum err runs_init(struct runs *t, size_t slots);
void runs_clear(struct runs *t); /* nothing may be with the committer any more */

struct run *runs_find(const struct runs *t, const struct attempt *id); /* NULL: unknown */
/* A blank one, MOVING. ERR_NOMEM. Over the slots only for one that is released at once. */
MUST_CHECK enum err runs_add(struct runs *t, const struct attempt *id, struct run **out);
void runs_set_phase(struct runs *t, struct run *r, enum run_phase phase);
void runs_set_reporting(struct runs *t, struct run *r, bool reporting);

size_t runs_free_slots(const struct runs *t);
/* Those that have no result yet. The array lives until the next call. */
size_t runs_named(struct runs *t, const struct attempt **out);

#endif
