/* Stream: one client that follows jobs (contract: GET /v1/download/subscribe…). This is the part
 * that sends; what there is to send, one job's changes or many jobs', says its kind.
 *
 *     opening --stream_begin--> idle --next() has something--> busy --libh2o: proceed--> idle …
 *        |                        next() says it is over, the gateway stops, the client left: over
 *        `-- stream_refuse, stream_seen: another reply
 *
 * libh2o wants no second send before `proceed`: while busy nothing is done, and on `proceed` the
 * kind says what is next. A stream that stays busy for STREAM_STUCK_MS is cut off.
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
struct stream;

enum {
    STREAM_STUCK_MS = 30000,
    STREAM_SEND_BUFFER = 32768,    /* SO_SNDBUF; the kernel doubles it: 64 KiB of backlog at most */
    STREAM_RETRY_SPREAD_MS = 4000, /* of the `retry:` when the gateway stops */
    STREAM_EXPIRED_MS = 1000,      /* idle ones whose token is over are looked for */
    STREAM_PIECES_MAX = 18,        /* runs of bytes in one send */
};

/* One job of one stream. */
struct member {
    struct stream *stream;
    struct watch *watch; /* NULL: not joined, or it left */
    struct list of_watch;
    struct sse_cursor cursor;
    uint64_t reads_before; /* reads of its watch that had begun when it joined */
    bool of_many;          /* one of several on its connection: it gets nothing that is reserved */
};

/* What one send consists of; the bytes must live until the kind's sent(). */
struct stream_batch {
    h2o_iovec_t pieces[STREAM_PIECES_MAX];
    size_t count, len;
};

enum stream_next { STREAM_NOTHING, STREAM_SEND, STREAM_OVER };

struct stream_kind {
    /* Adds what is next, or says that there is nothing now, or nothing ever again. Neither it nor
     * what it calls may pump: what it added so far would be sent twice, or be gone. */
    enum stream_next (*next)(struct stream *s, struct stream_batch *out);
    /* What next() added has left; may be NULL. */
    void (*sent)(struct stream *s);
    /* A member's record changed, or could not be read. The member may leave in it. */
    void (*news)(struct member *m, enum err err);
    /* The stream is over: leave every watch. Called more than once. */
    void (*leave)(struct stream *s);
};

struct stream {
    h2o_generator_t super; /* first: libh2o hands it back */
    const struct stream_kind *kind;
    struct exchange *exchange;
    struct list by_age;     /* in one of the hub's lists: opening; idle or busy by since_ms */
    struct list of_due;     /* in hub->due while something waits for its time */
    struct frames *sending; /* held while busy */
    int64_t since_ms;       /* idle or busy since then */
    bool named_only, started, busy, watched_fd;
    bool asked;    /* the kind's next() runs: it must not lead to a pump of its own stream */
    bool ticked;   /* something that waited for its time may be due; the kind clears it */
    bool stopping; /* the gateway stops, or the token is over: retry and the end are next */
    bool finished; /* the last bytes are on their way, or another reply was sent */
};

/* The exchange becomes a stream, as yet without a reply. */
void stream_open(struct stream *s, struct exchange *x, const struct stream_kind *kind,
                 bool named_only);
/* One of these answers the request. The first: headers, `retry:` and what is next leave together
 * (for HEAD the headers only). */
void stream_begin(struct stream *s);
void stream_seen(struct stream *s); /* 204: the client has it all, which stops an EventSource */
void stream_refuse(struct stream *s, enum err err);

/* Sends what is next, if the stream has begun, libh2o takes it and there is something. */
void stream_pump(struct stream *s);
void stream_wait(struct stream *s); /* pump again at the next tick, with `ticked` */
void stream_stop(struct stream *s); /* the gateway stops */
void stream_piece(struct stream_batch *out, const char *bytes, size_t len);

/* One job's stream (gateway/stream_job.c). `last_event_id` may be empty. */
void stream_job_open(struct exchange *x, struct span last_event_id, bool named_only);

/* For the hub. */
void streams_tick(struct hub *hub, int64_t now_ms);
void streams_stop(struct hub *hub);
MUST_CHECK enum err streams_open(struct hub *hub);
void streams_close(struct hub *hub);

#endif
