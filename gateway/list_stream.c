/* The stream of the jobs that a client named: GET /v1/download/subscribe?jobId=a&jobId=b…
 *
 *     joined --a job that has something to tell--> begun --all have ended--> over
 *       |----- all are read: ended and seen -----> 204
 *       `----- all are read: none is there ------> 404
 *
 * A job that is not there, not the caller's, or damaged, has no events; its place in the cursor
 * stays, so that the cursor goes with what was asked for. A job that is retried before the last one
 * has ended goes on. */
#include "core/stream_query.h"
#include "gateway/loop.h"
#include "gateway/many.h"
#include "gateway/watch.h"

#include <string.h>

struct list_stream {
    struct many many; /* first */
    size_t unread;    /* members whose record was not seen yet */
    size_t there;     /* members whose job is there and the caller's */
    bool tells;       /* a job has what the client has not seen */
    enum err failed;  /* a record could not be read */
};

static struct list_stream *list_of(struct stream *s)
{
    return (struct list_stream *)(void *)s;
}

static void write_cursor(const struct many *m, struct buf *out)
{
    struct stream_entry entries[STREAM_JOBS_MAX];
    stream_cursor_write_list(entries, many_entries(m, true, entries), out);
}

static void leave(struct stream *s)
{
    many_drop_all(many_of(s));
    buf_clear(&many_of(s)->ids);
}

static void go_on(struct list_stream *l)
{
    struct stream *s = &l->many.stream;
    if (l->many.joining > 0 || s->finished) {
        return;
    }
    if (s->started) {
        stream_pump(s);
    } else if (l->tells) {
        stream_begin(s);
    } else if (l->failed != ERR_OK) {
        stream_refuse(s, l->failed);
    } else if (l->unread == 0 && l->there == 0) {
        stream_refuse(s, ERR_NOT_FOUND);
    } else if (l->unread == 0) {
        stream_seen(s);
    }
}

static void first_look(struct list_stream *l, struct many_member *member, bool there)
{
    if (member->known) {
        return;
    }
    member->known = true;
    l->unread--;
    if (there) {
        l->there++;
        l->tells = l->tells || !sse_cursor_seen_end(&member->super.cursor,
                                                    &member->super.watch->snapshot.record);
    }
}

static void news(struct member *m, enum err err)
{
    struct many_member *member = (struct many_member *)(void *)m;
    struct list_stream *l = list_of(m->stream);
    if (m->stream->finished) {
        return;
    }
    const struct snapshot *snapshot = &m->watch->snapshot;
    const bool passes = watch_err_passes(err);
    if (passes && !snapshot->known) {
        l->failed = err; /* once begun: read again when Redis is back */
    } else if ((passes || err == ERR_OK) &&
               caller_may_see(&m->stream->exchange->caller, &snapshot->record)) {
        first_look(l, member, true);
        if (!passes) { /* else it may lag: told when Redis is back */
            many_ready(&l->many, member);
        }
    } else {
        first_look(l, member, false);
        many_end(&l->many, member);
    }
    go_on(l);
}

static const struct stream_kind list_kind = {
    .next = many_next, .sent = many_sent, .news = news, .leave = leave};

static enum err join_all(struct list_stream *l, const struct stream_query *q,
                         struct span last_event_id)
{
    struct stream_entry entries[STREAM_JOBS_MAX];
    memcpy(entries, q->jobs, q->jobs_count * sizeof entries[0]);
    (void)stream_cursor_read_list(last_event_id, entries, q->jobs_count);
    for (size_t i = 0; i < q->jobs_count; i++) {
        const struct many_join join = {.job_id = span_of(entries[i].job_id),
                                       .resumed = entries[i].version > 0,
                                       .version = entries[i].version};
        TRY(many_add(&l->many, &join));
    }
    return ERR_OK;
}

void list_stream_open(struct exchange *x, const struct stream_query *q, struct span last_event_id)
{
    struct list_stream *l = exchange_alloc(x, sizeof *l);
    many_init(&l->many);
    l->many.write_cursor = write_cursor;
    l->many.ends = true;
    l->unread = q->jobs_count;
    stream_open(&l->many.stream, x, &list_kind, q->named_only);
    l->many.joining++;
    const enum err e = join_all(l, q, last_event_id);
    l->many.joining--;
    if (e != ERR_OK) {
        stream_refuse(&l->many.stream, e);
    } else {
        go_on(l);
    }
}
