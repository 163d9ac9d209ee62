/* SSE: what a stream of one job sends, and when (contract §2 "subscribe").
 *
 * Two halves. Writers turn events into bytes (WHATWG HTML §9.2). A cursor remembers how far one
 * stream is and derives from the job's record what to send next; nothing is queued, so a stream
 * that reads slowly skips progress and loses no transition:
 *
 *        open                        next
 *     --------> [opened] --STATUS--> [live] --STATUS | PROGRESS--> [live]
 *                   |                   |
 *                   | resumed: as live  `---- present state terminal and sent --> END
 *                   `-- has seen the terminal state --> sse_cursor_seen_end: answer 204
 *
 * Rules: the first event is the present state, unless the client resumes with a version it can have
 * seen: then only newer changes follow. Each transition is sent once, in order, with its own
 * version. If transitions newer than the client's have fallen out of the record's log, the present
 * state is sent in their place. Progress comes at most 4 times a second, newest wins. Ids grow
 * strictly. A job that failed and was retried before its failure was sent goes on: only a present
 * state that is terminal ends the stream. */
#ifndef LONGHAUL_CORE_SSE_H
#define LONGHAUL_CORE_SSE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "core/job.h"
#include "core/record.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    SSE_PROGRESS_INTERVAL_MS = 250, /* 4 a second */
    SSE_RETRY_MS = 3000,
};

/* ---- what to send */

/* One per stream. `now_ms` is any steady clock. */
struct sse_cursor {
    uint64_t version;       /* newest id sent, or the id a client resumed from */
    int64_t progress_at_ms; /* when progress was last sent; meaningful with progress_sent */
    bool resumed;           /* the client named a version that is not checked yet */
    bool started;           /* `version` is what the client has */
    bool progress_sent;
};

enum sse_step_kind {
    SSE_STEP_IDLE,     /* nothing to send now; ask again after wait_ms or when the record changes */
    SSE_STEP_STATUS,   /* a transition, or the present state */
    SSE_STEP_PROGRESS, /* the present state */
    SSE_STEP_END,      /* the terminal state was sent: end the stream */
};

struct sse_step {
    enum sse_step_kind kind;
    bool present;                        /* render the record as it is (status_json_render) … */
    struct record_transition transition; /* … else this one (status_json_render_past); spans point
                                            into the record */
    uint64_t version;                    /* the event's id */
    enum job_status status;              /* the event's */
    int64_t wait_ms; /* SSE_STEP_IDLE: until progress is due; -1: no time limit */
};

/* `last_event_id` is the header's or parameter's value, empty if there is none. Text that is not a
 * version (strict decimal, >= 1) counts as none. */
void sse_cursor_init(struct sse_cursor *c, struct span last_event_id);
/* The client has this version; 0: send everything from the job's beginning. */
void sse_cursor_resume(struct sse_cursor *c, uint64_t version);
/* The client has what there was before the job's last manual retry, if it was retried, and nothing
 * otherwise. */
void sse_cursor_resume_life(struct sse_cursor *c, const struct job_record *r);
/* Before anything is sent: the client names a version that this record does not have. If the record
 * may be old it says nothing; if it is the present one, no such version was ever sent. */
bool sse_cursor_ahead(const struct sse_cursor *c, const struct job_record *r);
/* Before anything is sent: the client has seen the terminal state that the record still has. */
bool sse_cursor_seen_end(const struct sse_cursor *c, const struct job_record *r);
/* Says what to send now and moves the cursor past it: a step other than IDLE and END must be sent.
 * Call again after each sent step. A record older than what was sent gives IDLE. */
struct sse_step sse_cursor_next(struct sse_cursor *c, const struct job_record *r, int64_t now_ms);

/* ---- bytes. The error sticks in `out`. JSON is one line without CR and LF. */

/* All frames of a step (STATUS or PROGRESS): its named event; for failed also `error`, for
 * completed also `result`; then the unnamed twin, unless `named_only`. Only the last frame has the
 * id. `id` is the version in decimal for one job, an opaque cursor for many. */
void sse_write_event(enum sse_step_kind kind, enum job_status status, struct span id,
                     struct span json, bool named_only, struct buf *out);
/* The same with the step's version as the id. */
void sse_write_step(const struct sse_step *step, struct span json, bool named_only,
                    struct buf *out);
void sse_write_retry(uint32_t retry_ms, struct buf *out);
void sse_write_heartbeat(struct buf *out); /* a comment */

#endif
