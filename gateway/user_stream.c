#include "gateway/user_stream.h"

#include "base/clock.h"
#include "gateway/loop.h"
#include "gateway/watch.h"

static struct user_stream *user_of(struct stream *s)
{
    return (struct user_stream *)(void *)s;
}

static void write_cursor(const struct many *m, struct buf *out)
{
    const struct user_stream *u = (const struct user_stream *)(const void *)m;
    struct stream_user_cursor c;
    memcpy(c.since, u->since, sizeof c.since);
    c.count = many_entries(m, false, c.entries);
    stream_cursor_write_user(u->user_id, &c, out);
}

/* ---- letting go of what has ended */

/* Its end was sent, and there is no news of it. */
static bool at_rest(const struct many_member *member)
{
    return member->ended && list_empty(&member->of_turns);
}

static bool may_be_retried(const struct many_member *member)
{
    const struct watch *w = member->super.watch;
    return w != NULL && w->snapshot.known && w->snapshot.record.status != JOB_COMPLETED;
}

/* The oldest go first, so that the newest that may be retried are the ones that stay. */
void user_stream_let_go(struct user_stream *u)
{
    struct many *m = &u->many;
    size_t kept = 0;
    for (size_t i = m->count; i > 0; i--) {
        struct many_member *member = m->members[i - 1];
        if (!at_rest(member) || job_is_after(member->job_id, u->since)) {
            continue;
        }
        if (may_be_retried(member) && kept < USER_ENDED_KEPT_MAX) {
            kept++;
            continue;
        }
        many_drop(m, member);
    }
}

/* Makes room for one. Should all of them be active, there is none. */
static bool make_room(struct user_stream *u)
{
    struct many *m = &u->many;
    for (size_t i = 0; i < m->count && m->count == STREAM_JOBS_MAX; i++) {
        struct many_member *member = m->members[i];
        if (!at_rest(member) || job_is_after(member->job_id, u->scanned)) {
            continue;
        }
        if (job_is_after(member->job_id, u->since)) {
            memcpy(u->since, member->job_id, sizeof u->since);
        }
        many_drop(m, member);
    }
    u->crowded = u->crowded || m->count == STREAM_JOBS_MAX;
    return m->count < STREAM_JOBS_MAX;
}

static void on_ended(struct many *m, struct many_member *member)
{
    struct user_stream *u = (struct user_stream *)(void *)m;
    if (!job_is_after(member->job_id, u->since) && !may_be_retried(member)) {
        many_drop(m, member);
    }
    if (u->crowded) { /* not now: a scan that fails at once would pump */
        user_topic_scan_soon(&u->many.stream.exchange->loop->hub, &u->follower);
    }
}

/* ---- members */

void user_stream_add(struct user_stream *u, const struct many_join *join)
{
    u->many.joining++; /* nothing is sent, and so nobody leaves, in between */
    if (!u->many.stream.finished && many_find(&u->many, join->job_id) == NULL && make_room(u)) {
        const enum err e = many_add(&u->many, join);
        u->crowded = u->crowded || e == ERR_FULL || e == ERR_NOMEM;
    }
    u->many.joining--;
}

void user_stream_go_on(struct user_stream *u)
{
    if (u->many.joining == 0) {
        stream_pump(&u->many.stream);
    }
}

static void first_look(struct many_member *member, const struct job_record *r)
{
    struct sse_cursor *c = &member->super.cursor;
    if (member->known) {
        return;
    }
    member->known = true;
    if (member->start == MANY_THIS_LIFE) {
        sse_cursor_resume_life(c, r);
    } else if (member->start == MANY_IF_ACTIVE && job_status_terminal(r->status)) {
        sse_cursor_resume(c, r->version);
    }
}

static void news(struct member *m, enum err err)
{
    struct many_member *member = (struct many_member *)(void *)m;
    struct user_stream *u = user_of(m->stream);
    if (m->stream->finished) {
        return;
    }
    const struct job_record *r = err == ERR_OK ? &m->watch->snapshot.record : NULL;
    if (r != NULL && span_eq(r->user_id, u->user_id) &&
        caller_may_see(&m->stream->exchange->caller, r)) {
        first_look(member, r);
        many_ready(&u->many, member);
        user_stream_go_on(u);
    } else if (!watch_err_passes(err)) {
        many_drop(&u->many, member);
    } /* else: read again when Redis is back */
}

/* ---- what brokers say */

static void on_scan(struct follower *f)
{
    user_scan_start(LIST_ENTRY(f, struct user_stream, follower));
}

static void on_job(struct follower *f, const struct wire_event *event)
{
    struct user_stream *u = LIST_ENTRY(f, struct user_stream, follower);
    const struct many_member *member = many_find(&u->many, event->job_id);
    if (member != NULL && member->super.watch != NULL) {
        watch_event(member->super.watch, event); /* should its own topic have said nothing */
        return;
    }
    if (u->crowded) {
        return; /* others wait: the scan that comes when a place is free finds them, and this one */
    }
    const struct many_join join = {.job_id = event->job_id,
                                   .resumed = true,
                                   .version = event->version > 0 ? event->version - 1 : 0};
    user_stream_add(u, &join);
    user_stream_go_on(u);
}

/* ---- the stream */

static void leave(struct stream *s)
{
    struct user_stream *u = user_of(s);
    user_topic_leave(&s->exchange->loop->hub, &u->follower);
    user_scan_forget(u);
    many_drop_all(&u->many);
    buf_clear(&u->many.ids);
}

static const struct stream_kind user_kind = {
    .next = many_next, .sent = many_sent, .news = news, .leave = leave};

/* Takes up where the cursor is; without one of this shard, `since` is now. */
static void take_up(struct user_stream *u, struct span last_event_id)
{
    struct stream_user_cursor c;
    const unsigned shard = (unsigned)u->many.stream.exchange->loop->config->shard;
    u->begun = stream_cursor_read_user(u->user_id, last_event_id, &c) &&
               job_id_shard(span_of(c.since)) == shard;
    if (u->begun) {
        memcpy(u->since, c.since, sizeof u->since);
    } else {
        c.count = 0;
        job_id_floor(shard, clock_wall_ms() - USER_SETTLE_MS, u->since);
    }
    memcpy(u->scanned, u->since, sizeof u->scanned);
    for (size_t i = 0; i < c.count; i++) {
        const struct many_join join = {.job_id = span_of(c.entries[i].job_id),
                                       .resumed = true,
                                       .version = c.entries[i].version};
        user_stream_add(u, &join);
    }
}

void user_stream_open(struct exchange *x, struct span user_id, struct span last_event_id,
                      bool named_only)
{
    struct user_stream *u = exchange_alloc(x, sizeof *u);
    many_init(&u->many);
    u->many.write_cursor = write_cursor;
    u->many.on_ended = on_ended;
    u->user_id = exchange_copy(x, user_id);
    u->follower.on_job = on_job;
    u->follower.scan = on_scan;
    list_init(&u->follower.of_topic);
    list_init(&u->follower.by_scan);
    stream_open(&u->many.stream, x, &user_kind, named_only);
    take_up(u, last_event_id);
    const enum err e = user_topic_join(&x->loop->hub, u->user_id, &u->follower);
    if (e != ERR_OK) {
        stream_refuse(&u->many.stream, e);
        return;
    }
    u->many.say_cursor = u->begun;
    stream_begin(&u->many.stream);
    if (!u->many.stream.finished) { /* HEAD */
        user_scan_start(u);
    }
}
