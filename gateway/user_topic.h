/* User topic: the streams that follow all jobs of one user, and how they hear of new ones.
 *
 * Brokers publish under "u:" and the user that a job of theirs was recorded or retried
 * (broker/events.h). That is a hint: when a broker confirms the subscription, when Redis is back,
 * and every USER_SCAN_MS a stream looks for itself (user_stream.c).
 *
 * Owner: the hub; its thread. */
#ifndef LONGHAUL_GATEWAY_USER_TOPIC_H
#define LONGHAUL_GATEWAY_USER_TOPIC_H

#include "base/list.h"
#include "base/span.h"
#include "gateway/hub.h"
#include "wire/wire.h"

#include <stdbool.h>
#include <stdint.h>

enum { USER_SCAN_MS = 5000 };

struct user_topic;

/* A stream's place in its topic. */
struct follower {
    struct user_topic *topic; /* NULL: not joined */
    struct list of_topic;
    struct list by_scan; /* in hub->by_scan */
    int64_t scan_at_ms;
    /* A job became active with its transition `version`. */
    void (*on_job)(struct follower *f, const struct wire_event *event);
    void (*scan)(struct follower *f);
};

/* ERR_FULL, ERR_NOMEM, ERR_IO. */
MUST_CHECK enum err user_topic_join(struct hub *hub, struct span user_id, struct follower *f);
void user_topic_leave(struct hub *hub, struct follower *f);     /* no matter if it did before */
void user_topic_scan_soon(struct hub *hub, struct follower *f); /* at the next tick */

void user_topic_event(struct hub *hub, const struct wire_event *event);
void user_topics_refresh(struct hub *hub); /* all scan soon */
void user_topics_tick(struct hub *hub, int64_t now_ms);
void user_topics_close(struct hub *hub);

#endif
