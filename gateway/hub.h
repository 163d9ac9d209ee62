/* Hub: which jobs this loop's event streams watch, and what is known of them. A stream has members,
 * one for each of its jobs; a watch has the members of all streams that follow its job.
 *
 *     first member of a job: subscribe to its topic, read its record, serve the first event
 *     broker confirms the subscription: read again (closes the gap between the two)
 *     EVENT_PROGRESS after the last known transition: change the snapshot in place
 *     EVENT_TRANSITION, a gap, HUB_SILENT_MS without news, Redis is back: read again
 *     a member joins with a version that the snapshot does not have: read again, and only then is
 *     it told (another gateway may have been quicker; what that read does not have is of no job)
 *
 * One read of a job is in flight at a time; a second wish is remembered. A member keeps only a
 * cursor: what is sent is derived from the watch's snapshot, so nothing queues. Events are rendered
 * once a version and shared by all streams of the job.
 *
 * Owner: the loop; all on its thread. */
#ifndef LONGHAUL_GATEWAY_HUB_H
#define LONGHAUL_GATEWAY_HUB_H

#include "base/buf.h"
#include "base/list.h"
#include "base/log_limit.h"
#include "base/map.h"
#include "gateway/frames.h"
#include "gateway/hangup.h"
#include "gateway/snapshot.h"
#include "gateway/zmq_port.h"

#include <stdint.h>

struct gateway_loop;
struct member;

enum {
    HUB_WATCHES_MAX = 65536,  /* jobs a loop; a further stream is answered 503 */
    HUB_MEMBERS_MAX = 131072, /* streams times their jobs, likewise; 160 bytes each */
    /* Of both, what only streams of one job get: those of many would leave them nothing. */
    HUB_WATCHES_RESERVED = HUB_WATCHES_MAX / 4,
    HUB_MEMBERS_RESERVED = HUB_MEMBERS_MAX / 4,
    HUB_USERS_MAX = 65536,    /* users whose jobs are followed as they come */
    HUB_SCANS_A_TICK = 64,    /* paces what a reconnect asks for */
    HUB_SILENT_MS = 3000,     /* an unfinished job without news is read again */
    HUB_READS_A_TICK = 256,   /* paces what a reconnect or much silence asks for */
    HUB_READS_AT_ONCE = 1024, /* reads in flight above which news wait for a tick */
};

/* One watched job. It lives while it has members or a read in flight. */
struct watch {
    struct hub *hub;
    char job_id[JOB_ID_SIZE];
    struct list members;
    struct list by_news; /* the longest silent first */
    int64_t news_ms;
    struct snapshot snapshot;
    struct frames *present[FRAMES_VARIANTS]; /* of the snapshot's version; NULL: not rendered */
    uint64_t unfit; /* newest version that was logged as too large to be sent; 0: none */
    /* Reads by number, the first is 1: how many have begun, the newest that was answered, and the
     * one that a member waits for. */
    uint64_t reads_begun, reads_done, reads_wanted;
    bool reading, read_again, telling;
};

struct hub {
    struct gateway_loop *loop;
    struct zmq_port events;
    struct map *watches;
    size_t members_count;
    struct map *users;   /* gateway/user_topic.h */
    struct list by_scan; /* users' streams, the one longest without a scan first */
    struct list by_news;
    size_t reads_in_flight;
    int64_t now_ms, refresh_before_ms; /* watches without news since then are read again */

    /* streams, by what they wait for (gateway/stream.h) */
    struct list opening, idle, busy, due;
    size_t streams_count;
    int64_t expired_at_ms; /* next look for streams whose token is over */
    int hangup_fd;         /* an epoll of its own, nested in the loop: clients that close */
    h2o_socket_t *hangups;
    hangup_on_gone *on_gone;
    struct buf json, out;
    struct frames *heartbeat, *retry;
    struct log_limit bad_events;
};

MUST_CHECK enum err hub_open(struct hub *hub, struct gateway_loop *loop);
void hub_close(struct hub *hub);
void hub_tick(struct hub *hub, int64_t now_ms);
void hub_refresh(struct hub *hub); /* Redis is back */
void hub_stop(struct hub *hub);    /* the gateway stops: every stream is told and ended */

/* The member joins the watch of its job, made if need be. Its stream is told what is known, perhaps
 * at once. ERR_FULL, ERR_NOMEM. */
MUST_CHECK enum err hub_join(struct hub *hub, struct span job_id, struct member *member);
void hub_leave(struct hub *hub, struct member *member); /* no matter if it did before */

#endif
