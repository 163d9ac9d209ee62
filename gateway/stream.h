/* Stream: one client that follows one job (contract: GET /v1/download/subscribe/:jobId).
 *
 *     joined --record read--> [404, 503, 204] or started
 *     started: idle --something to send--> busy --libh2o: proceed--> idle …
 *     the job has ended, the gateway stops, the client went away: over
 *
 * libh2o wants no second send before `proceed`: while busy nothing is done, and on `proceed` the
 * cursor says what is next. A stream that stays busy for STREAM_STUCK_MS is cut off.
 *
 * It lives in the request's pool. Thread: its loop's. */
#ifndef LONGHAUL_GATEWAY_STREAM_H
#define LONGHAUL_GATEWAY_STREAM_H

#include "base/list.h"
#include "core/sse.h"
#include "gateway/exchange.h"
#include "gateway/frames.h"

struct watch;
struct hub;

enum {
    STREAM_STUCK_MS = 30000,
    STREAM_SEND_BUFFER = 32768,    /* SO_SNDBUF; the kernel doubles it: 64 KiB of backlog at most */
    STREAM_RETRY_SPREAD_MS = 4000, /* of the `retry:` when the gateway stops */
};

struct stream {
    h2o_generator_t super; /* first: libh2o hands it back */
    struct exchange *exchange;
    struct watch *watch;
    struct list of_watch; /* among the watch's streams */
    struct list by_age;   /* in hub->idle or hub->busy by since_ms; alone before it started */
    struct list of_due;   /* in hub->due while progress waits for its time */
    struct sse_cursor cursor;
    struct frames *sending; /* held while busy */
    int64_t since_ms;       /* idle or busy since then */
    bool named_only, started, busy, watched_fd;
    bool stopping; /* the gateway stops: retry and the end are next */
    bool finished; /* the last bytes are on their way */
};

/* The exchange becomes a stream. `last_event_id` may be empty. */
void stream_open(struct exchange *x, struct span last_event_id, bool named_only);
/* The watch's record changed, or could not be read. */
void stream_news(struct stream *s, enum err err);
void stream_stop(struct stream *s); /* the gateway stops */

/* For the hub's tick. */
void streams_tick(struct hub *hub, int64_t now_ms);
MUST_CHECK enum err streams_open(struct hub *hub);
void streams_close(struct hub *hub);

#endif
