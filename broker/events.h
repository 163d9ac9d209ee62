/* Events: what was recorded, published to the gateways that watch it. A topic is a job's id, or
 * "u:" and a user: under that one goes, with the job's id, what makes a job of theirs active (its
 * submit, a manual retry).
 *
 * Each new subscription is answered, under its own topic, with EVENT_SUBSCRIBED: from then on
 * events arrive, so a gateway that reads the record after it misses nothing. Topics that nobody
 * watches are not published; should there be more topics than EVENTS_TOPICS_MAX, or a subscription
 * of neither kind, everything is. An event is a hint: when a gateway's pipe is full it
 * is dropped. */
#ifndef LONGHAUL_BROKER_EVENTS_H
#define LONGHAUL_BROKER_EVENTS_H

#include "core/job.h"

#include <stdbool.h>
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
/* On the user's topic: this job of theirs became active with the transition `version`. */
void events_of_user(struct events *e, struct span user_id, struct span job_id, uint64_t version,
                    int64_t wall_ms);
/* False: what events_of_user would say nobody hears. */
bool events_users_watched(const struct events *e);

#endif
