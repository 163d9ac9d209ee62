/* The stream of one job (contract: GET /v1/download/subscribe/:jobId).
 *
 *     joined --record read--> [404, 500, 503, 204] or begun --the end was sent, or there is no job
 *     any more, or no record that can be read--> over
 */
#include "base/clock.h"
#include "gateway/hub.h"
#include "gateway/loop.h"
#include "gateway/stream.h"
#include "gateway/watch.h"

struct job_stream {
    struct stream stream; /* first */
    struct member member;
};

static struct hub *hub_of(struct stream *s)
{
    return &s->exchange->loop->hub;
}

static enum stream_next next(struct stream *s, struct stream_batch *out)
{
    struct member *m = &((struct job_stream *)(void *)s)->member;
    s->ticked = false;
    if (m->watch == NULL) {
        return STREAM_OVER;
    }
    if (watch_lags(m->watch, m)) {
        return STREAM_NOTHING; /* what the client has is not known yet */
    }
    const unsigned form = s->named_only ? FRAMES_NAMED_ONLY : FRAMES_TWINS;
    enum err e = ERR_TOO_LARGE;
    while (e == ERR_TOO_LARGE) { /* what cannot be said is skipped; each turn moves the cursor on */
        const struct job_record *r = &m->watch->snapshot.record;
        const struct sse_step step = sse_cursor_next(&m->cursor, r, clock_mono_ms());
        if (step.kind == SSE_STEP_IDLE && step.wait_ms >= 0) {
            stream_wait(s);
        }
        if (step.kind == SSE_STEP_IDLE || step.kind == SSE_STEP_END) {
            return step.kind == SSE_STEP_END ? STREAM_OVER : STREAM_NOTHING;
        }
        e = watch_frames(m->watch, &step, form, &s->sending);
    }
    if (e != ERR_OK) {
        return STREAM_OVER; /* no memory: the client resumes where it is */
    }
    stream_piece(out, s->sending->bytes, s->sending->len);
    return STREAM_SEND;
}

static void leave(struct stream *s)
{
    hub_leave(hub_of(s), &((struct job_stream *)(void *)s)->member);
}

/* The record is there for the first time. */
static void start(struct stream *s, const struct member *m)
{
    const struct job_record *r = &m->watch->snapshot.record;
    if (!caller_may_see(&s->exchange->caller, r)) {
        stream_refuse(s, ERR_NOT_FOUND);
    } else if (sse_cursor_seen_end(&m->cursor, r)) {
        stream_seen(s);
    } else {
        stream_begin(s);
    }
}

static void news(struct member *m, enum err err)
{
    struct stream *s = m->stream;
    if (s->finished) {
        return;
    }
    if (!s->started) {
        if (err == ERR_OK || (watch_err_passes(err) && m->watch->snapshot.known)) {
            start(s, m); /* if Redis is away: what the client lacks is sent when it is back */
        } else {
            stream_refuse(s, err);
        }
        return;
    }
    if (err == ERR_NOT_FOUND || err == ERR_INTERNAL) {
        hub_leave(hub_of(s), m); /* removed or damaged: nothing will follow, 404 or 500 is next */
    }
    if (!watch_err_passes(err)) {
        stream_pump(s);
    }
}

static const struct stream_kind job_kind = {.next = next, .news = news, .leave = leave};

void stream_job_open(struct exchange *x, struct span last_event_id, bool named_only)
{
    struct job_stream *j = exchange_alloc(x, sizeof *j);
    stream_open(&j->stream, x, &job_kind, named_only);
    j->member.stream = &j->stream;
    list_init(&j->member.of_watch);
    sse_cursor_init(&j->member.cursor, last_event_id);
    const enum err e = hub_join(&x->loop->hub, x->param, &j->member);
    if (e != ERR_OK) {
        stream_refuse(&j->stream, e);
    }
}
