/* Counters: what the gateway measures, shown by the admin listener at /metrics.
 *
 * One set for the process; base/metrics is safe to use from any thread. */
#ifndef LONGHAUL_GATEWAY_COUNTERS_H
#define LONGHAUL_GATEWAY_COUNTERS_H

#include "base/err.h"
#include "base/metrics.h"
#include "core/problem.h"
#include "core/token_fault.h"
#include "gateway/access_options.h"

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
    COUNTED_TICKETS,
    COUNTED_FILES,
    COUNTED_ASSETS, /* web pages */
    COUNTED_ADMIN,
    COUNTED_OTHER, /* unknown route, wrong method, broken framing */
    COUNTED_ROUTES
};

/* Problems that operators watch: load, and callers who may not. */
enum counted_rejection {
    COUNTED_UNAUTHENTICATED,
    COUNTED_FORBIDDEN,
    COUNTED_QUOTA_EXCEEDED,
    COUNTED_RATE_LIMITED,
    COUNTED_QUEUE_FULL,
    COUNTED_UNAVAILABLE,
    COUNTED_REJECTIONS
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
    COUNT_KEY_LOADS,
    COUNT_KEY_LOADS_FAILED,
    COUNT_TOKEN_FAULTS,                                              /* + token_fault - 1 */
    COUNT_RATE_LIMITED = COUNT_TOKEN_FAULTS + TOKEN_FAULT_COUNT - 1, /* + rate_scope */
    COUNT_REJECTIONS = COUNT_RATE_LIMITED + RATE_SCOPES,             /* + counted_rejection */
    COUNT_LAST = COUNT_REJECTIONS + COUNTED_REJECTIONS - 1,
    COUNT_TOTAL
};

MUST_CHECK enum err counters_new(struct metrics **out);
void count_request(struct metrics *m, enum counted_route route, int status);
void count_rejection(struct metrics *m, enum problem_code code); /* nothing for most codes */

#endif
