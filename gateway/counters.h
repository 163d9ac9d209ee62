/* Counters: what the gateway measures, shown by the admin listener at /metrics.
 *
 * One set for the process; base/metrics is safe to use from any thread. */
#ifndef LONGHAUL_GATEWAY_COUNTERS_H
#define LONGHAUL_GATEWAY_COUNTERS_H

#include "base/err.h"
#include "base/metrics.h"

/* Routes as the metrics know them; the order of the rows in counters.c. */
enum counted_route {
    COUNTED_INITIATE,
    COUNTED_START,
    COUNTED_STATUS,
    COUNTED_JOBS,
    COUNTED_HISTORY,
    COUNTED_SUBSCRIBE,
    COUNTED_SUBSCRIBE_MANY,
    COUNTED_RESULT,
    COUNTED_CANCEL,
    COUNTED_RETRY,
    COUNTED_REMOVE,
    COUNTED_FILES,
    COUNTED_ASSETS, /* web pages */
    COUNTED_ADMIN,
    COUNTED_OTHER, /* unknown route, wrong method, broken framing */
    COUNTED_ROUTES
};

enum {
    COUNTED_CLASSES = 4, /* 2xx 3xx 4xx 5xx */
    COUNT_REQUESTS = 0,  /* + route * COUNTED_CLASSES + class */
    COUNT_CONNECTIONS = COUNTED_ROUTES * COUNTED_CLASSES,
    COUNT_STREAMS,
    COUNT_STREAMS_STUCK,
    COUNT_WATCHES,
    COUNT_MEMBERS,
    COUNT_IN_FLIGHT,
    COUNT_BROKER_REPEATS,
    COUNT_BROKER_TIMEOUTS,
    COUNT_BROKER_PACKETS_BAD,
    COUNT_EVENTS,
    COUNT_RECORD_READS,
    COUNT_FILE_BYTES,
    COUNT_TOTAL
};

MUST_CHECK enum err counters_new(struct metrics **out);
void count_request(struct metrics *m, enum counted_route route, int status);

#endif
