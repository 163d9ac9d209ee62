/* Events: what was recorded, published under the job's id to the gateways that watch it.
 *
 * Each new subscription is answered, under its own topic, with EVENT_SUBSCRIBED: from then on
 * events arrive, so a gateway that reads the record after it misses nothing. Topics that nobody
 * watches are not published; should there be more topics than EVENTS_TOPICS_MAX, or a subscription
 * that is not a whole job id, everything is. An event is a hint: when a gateway's pipe is full it
 * is dropped. */
#ifndef LONGHAUL_BROKER_EVENTS_H
#define LONGHAUL_BROKER_EVENTS_H

#include "core/job.h"

#include <stddef.h>

enum { EVENTS_TOPICS_MAX = 131072 };

struct events;

/* `xpub`: the raw ZeroMQ socket; `broker_id`: both borrowed. */
MUST_CHECK enum err events_new(void *xpub, const char *broker_id, struct events **out);
void events_destroy(struct events **e);
/* Takes up to `max` subscription changes in. */
void events_read(struct events *e, size_t max);

/* Call them after Redis recorded the change. */
void events_transition(struct events *e, struct span job_id, enum job_status status,
                       uint64_t version, int64_t wall_ms);
struct event_progress {
    struct span job_id;
    uint64_t version, transition;
    int64_t updated_at_s;
    const struct meter *meter;
};
void events_progress(struct events *e, const struct event_progress *p);

#endif
