#include "gateway/many.h"

#include "base/clock.h"
#include "base/log.h"
#include "gateway/loop.h"
#include "gateway/watch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(2 * MANY_STEPS_MAX + 1 <= STREAM_PIECES_MAX, "bytes and id of each step, and retry");
_Static_assert((int)STREAM_CURSOR_MAX < (int)MANY_IDS_MAX, "one id always fits");

enum { ID_LINE_MAX = 8 /* bytes around an id: "id: ", two line ends */ };

void many_init(struct many *m)
{
    list_init(&m->ready);
    list_init(&m->waiting);
    buf_init(&m->ids, MANY_IDS_MAX);
}

/* ---- members */

/* Where the id stands, or would stand. */
static size_t place_of(const struct many *m, struct span job_id)
{
    size_t from = 0, to = m->count;
    while (from < to) {
        const size_t middle = from + (to - from) / 2;
        if (memcmp(m->members[middle]->job_id, job_id.ptr, JOB_ID_LEN) < 0) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

struct many_member *many_find(const struct many *m, struct span job_id)
{
    if (job_id.len != JOB_ID_LEN) {
        return NULL;
    }
    const size_t at = place_of(m, job_id);
    return at < m->count && span_eq(span_of(m->members[at]->job_id), job_id) ? m->members[at]
                                                                             : NULL;
}

static enum err new_member(struct many *m, const struct many_join *join, struct many_member **out)
{
    struct many_member *member = calloc(1, sizeof *member);
    if (member == NULL) {
        return ERR_NOMEM;
    }
    const enum err e = span_copy(join->job_id, member->job_id, sizeof member->job_id);
    if (e != ERR_OK) {
        free(member);
        return e;
    }
    member->super.stream = &m->stream;
    member->super.of_many = true;
    member->start = join->start;
    list_init(&member->super.of_watch);
    list_init(&member->of_turns);
    if (join->resumed) {
        sse_cursor_resume(&member->super.cursor, join->version);
    }
    *out = member;
    return ERR_OK;
}

enum err many_add(struct many *m, const struct many_join *join)
{
    struct many_member *member = NULL;
    if (!job_id_valid(join->job_id)) {
        return ERR_INVALID;
    }
    if (many_find(m, join->job_id) != NULL) {
        return ERR_EXISTS;
    }
    if (m->count == STREAM_JOBS_MAX) {
        return ERR_FULL;
    }
    TRY(new_member(m, join, &member));
    const size_t at = place_of(m, join->job_id);
    memmove(&m->members[at + 1], &m->members[at], (m->count - at) * sizeof(struct many_member *));
    m->members[at] = member;
    m->count++;
    m->live++;
    const enum err e =
        hub_join(&m->stream.exchange->loop->hub, span_of(member->job_id), &member->super);
    if (e != ERR_OK) {
        many_drop(m, member);
    }
    return e;
}

static void set_ended(struct many *m, struct many_member *member, bool ended)
{
    if (member->ended != ended) {
        member->ended = ended;
        m->live = ended ? m->live - 1 : m->live + 1;
    }
}

void many_end(struct many *m, struct many_member *member)
{
    hub_leave(&m->stream.exchange->loop->hub, &member->super);
    list_remove(&member->of_turns);
    set_ended(m, member, true);
}

void many_drop(struct many *m, struct many_member *member)
{
    const size_t at = place_of(m, span_of(member->job_id));
    assert(at < m->count && m->members[at] == member);
    many_end(m, member);
    m->count--;
    memmove(&m->members[at], &m->members[at + 1], (m->count - at) * sizeof(struct many_member *));
    free(member);
}

void many_drop_all(struct many *m)
{
    while (m->count > 0) {
        many_drop(m, m->members[m->count - 1]);
    }
}

void many_ready(struct many *m, struct many_member *member)
{
    list_remove(&member->of_turns);
    list_append(&m->ready, &member->of_turns);
}

size_t many_entries(const struct many *m, bool all, struct stream_entry out[STREAM_JOBS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < m->count; i++) {
        const struct many_member *member = m->members[i];
        if (all || member->known || member->start == MANY_AS_IT_IS) {
            memcpy(out[count].job_id, member->job_id, sizeof out[count].job_id);
            out[count++].version = member->super.cursor.version;
        }
    }
    return count;
}

/* ---- what is sent */

void many_sent(struct stream *s)
{
    struct many *m = many_of(s);
    for (size_t i = 0; i < m->held_count; i++) {
        frames_release(&m->held[i]);
    }
    m->held_count = 0;
    buf_reset(&m->ids);
}

/* True if another id fits without moving those that are there. */
static bool room_for_id(const struct many *m)
{
    const size_t most = STREAM_CURSOR_HEAD_MAX + m->count * STREAM_CURSOR_ENTRY_MAX + ID_LINE_MAX;
    return m->ids.len + most <= m->ids.cap;
}

static enum err reserve_ids(struct many *m)
{
    const size_t one = STREAM_CURSOR_HEAD_MAX + m->count * STREAM_CURSOR_ENTRY_MAX + ID_LINE_MAX;
    const size_t wanted = one * MANY_STEPS_MAX;
    return buf_reserve(&m->ids, wanted < MANY_IDS_MAX ? wanted : MANY_IDS_MAX);
}

static void add_id(struct many *m, struct stream_batch *out)
{
    const size_t start = m->ids.len;
    (void)buf_text(&m->ids, "id: ");
    m->write_cursor(m, &m->ids);
    (void)buf_text(&m->ids, "\n\n");
    assert(buf_error(&m->ids) == ERR_OK); /* room_for_id, reserve_ids */
    stream_piece(out, m->ids.data + start, m->ids.len - start);
}

/* The id is a line more of the step's last frame: it goes before the empty line that ends it. */
static void add_frames(struct many *m, const struct sse_step *step, struct frames *f,
                       struct stream_batch *out)
{
    const bool with_id = step->kind == SSE_STEP_STATUS;
    m->held[m->held_count++] = f;
    stream_piece(out, f->bytes, with_id ? f->len - 1 : f->len);
    if (with_id) {
        add_id(m, out);
    }
}

/* False: no memory. What cannot be rendered is skipped: the stream would resume at it for ever. */
static bool add_step(struct many *m, struct many_member *member, const struct sse_step *step,
                     struct stream_batch *out)
{
    const unsigned form = FRAMES_NO_ID | (m->stream.named_only ? FRAMES_NAMED_ONLY : FRAMES_TWINS);
    struct frames *f = NULL;
    const enum err e = watch_frames(member->super.watch, step, form, &f);
    if (e == ERR_OK) {
        add_frames(m, step, f, out);
    }
    return e != ERR_NOMEM;
}

/* The member's turn. False: no memory. */
static bool take_turn(struct many *m, struct many_member *member, struct stream_batch *out)
{
    struct watch *w = member->super.watch;
    if (w == NULL || !w->snapshot.known) {
        return true; /* there will be news */
    }
    const struct sse_step step =
        sse_cursor_next(&member->super.cursor, &w->snapshot.record, clock_mono_ms());
    if (step.kind == SSE_STEP_IDLE) {
        if (step.wait_ms >= 0) {
            list_append(&m->waiting, &member->of_turns);
            stream_wait(&m->stream);
        }
        return true;
    }
    if (step.kind == SSE_STEP_END) {
        set_ended(m, member, true);
        if (m->on_ended != NULL) {
            m->on_ended(m, member);
        }
        return true;
    }
    set_ended(m, member, false); /* it was retried */
    many_ready(m, member);       /* there may be more */
    return add_step(m, member, &step, out);
}

static void wake_waiting(struct many *m)
{
    for (struct list *at; (at = list_pop(&m->waiting)) != NULL;) {
        list_append(&m->ready, at);
    }
}

enum stream_next many_next(struct stream *s, struct stream_batch *out)
{
    struct many *m = many_of(s);
    const size_t before = out->count;
    if (s->ticked) {
        s->ticked = false;
        wake_waiting(m);
    }
    if (reserve_ids(m) != ERR_OK) {
        return STREAM_OVER; /* the client resumes where it is */
    }
    struct list *at = NULL;
    while (m->held_count < MANY_STEPS_MAX && out->len < MANY_SEND_BYTES && room_for_id(m) &&
           (at = list_pop(&m->ready)) != NULL) {
        if (!take_turn(m, LIST_ENTRY(at, struct many_member, of_turns), out)) {
            log_error("stream.render", "no memory");
            return STREAM_OVER;
        }
    }
    if (m->say_cursor && out->count == before) {
        m->say_cursor = false;
        add_id(m, out);
    }
    if (out->count > before) {
        m->say_cursor = false;
        return STREAM_SEND;
    }
    return m->ends && m->live == 0 ? STREAM_OVER : STREAM_NOTHING;
}
