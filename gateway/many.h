/* Many: the members of a stream that follows many jobs on one connection, and what it sends.
 *
 *     quiet --its record changed--> ready --next(): nothing to send now--> quiet
 *                                     ^  `--next(): progress is not due yet--> waiting --tick-->
 * ready
 *                                     '--next(): sent something: last in line again
 *
 * So each job has its turn, and a turn costs what has changed, not what is followed. Every
 * transition is sent with the whole stream's cursor (core/stream_cursor.h) as its id; progress has
 * none, since nobody resumes from it. One send has several steps, of a bounded number of bytes.
 *
 * Which jobs there are, and when the stream is over, say list_stream.c and user_stream.c.
 * Owner: the stream. Thread: its loop's. */
#ifndef LONGHAUL_GATEWAY_MANY_H
#define LONGHAUL_GATEWAY_MANY_H

#include "base/buf.h"
#include "core/stream_cursor.h"
#include "gateway/hub.h"
#include "gateway/stream.h"

enum {
    MANY_STEPS_MAX = 8,      /* steps of one send */
    MANY_SEND_BYTES = 16384, /* no further step once there are so many */
    MANY_IDS_MAX = 16384,    /* bytes of all ids of one send; at least one fits */
};

/* What the first look at a record says about where its member begins. */
enum many_start {
    MANY_AS_IT_IS,  /* as the member's cursor says: from a version, or with the present state */
    MANY_IF_ACTIVE, /* with the present state; what has ended counts as seen */
    MANY_THIS_LIFE, /* with what followed the end before its last manual retry */
};

struct many_member {
    struct member super;  /* first */
    struct list of_turns; /* in many->ready or many->waiting */
    char job_id[JOB_ID_SIZE];
    enum many_start start;
    bool known; /* its record was seen */
    bool ended; /* its end was sent, or it is gone */
};

struct many {
    struct stream stream;                         /* first */
    struct many_member *members[STREAM_JOBS_MAX]; /* owned; sorted by id */
    size_t count, live;                           /* live: not ended */
    struct list ready, waiting;
    struct frames *held[MANY_STEPS_MAX]; /* while the stream is busy */
    size_t held_count;
    struct buf ids;   /* the ids of one send */
    unsigned joining; /* members are being added: what is news waits until all are there */
    bool say_cursor;  /* the cursor alone is to be sent */
    bool ends;        /* it is over when all members have ended */
    void (*write_cursor)(const struct many *m, struct buf *out);
    /* The member's end was sent; may drop it, must not pump. May be NULL. */
    void (*on_ended)(struct many *m, struct many_member *member);
};

static inline struct many *many_of(struct stream *s)
{
    return (struct many *)(void *)s;
}

void many_init(struct many *m);
/* Adds a member and lets it join its watch. `version` as of sse_cursor_resume, if `resumed`.
 * ERR_FULL, ERR_NOMEM; ERR_EXISTS if it is there. */
struct many_join {
    struct span job_id;
    enum many_start start;
    bool resumed;
    uint64_t version;
};
MUST_CHECK enum err many_add(struct many *m, const struct many_join *join);
struct many_member *many_find(const struct many *m, struct span job_id); /* NULL: none */
/* Its record is there, or changed. */
void many_ready(struct many *m, struct many_member *member);
void many_end(struct many *m, struct many_member *member);  /* it is gone; its place stays */
void many_drop(struct many *m, struct many_member *member); /* leaves, and is freed */
void many_drop_all(struct many *m);
/* Where each member is, for a cursor. Those whose start is not known yet are left out unless
 * `all`. */
size_t many_entries(const struct many *m, bool all, struct stream_entry out[STREAM_JOBS_MAX]);

/* For struct stream_kind. */
enum stream_next many_next(struct stream *s, struct stream_batch *out);
void many_sent(struct stream *s);

/* Their streams. `last_event_id` may be empty. */
struct stream_query;
void list_stream_open(struct exchange *x, const struct stream_query *q, struct span last_event_id);
void user_stream_open(struct exchange *x, struct span user_id, struct span last_event_id,
                      bool named_only);

#endif
