/* Queue stats: how much of what there is in the queue, as the gateway asks for it (lh_stats).
 *
 * A handful of counts that Redis keeps anyway: no scan, whatever the size of the queue. */
#ifndef LONGHAUL_PORTS_QUEUE_STATS_H
#define LONGHAUL_PORTS_QUEUE_STATS_H

#include "base/err.h"
#include "ports/redis_conn.h"

#include <stdint.h>

struct queue_stats {
    int64_t ready, delayed, running, parked; /* jobs */
    int64_t kept;                            /* terminal jobs within retention */
    int64_t garbage;                         /* files to be deleted */
    int64_t oldest_waiting_ms; /* age of the oldest job that could run now; -1: none waits */
};

/* Runs exactly once unless an error returns; `stats` is NULL unless err is ERR_OK. ERR_UNAVAILABLE:
 * Redis is away, or has not our functions yet. ERR_INTERNAL: a reply that should not be. */
typedef void queue_on_stats(void *context, enum err err, const struct queue_stats *stats);
MUST_CHECK enum err queue_stats_get(struct redis_conn *conn, unsigned shard, queue_on_stats *done,
                                    void *context);

#endif
