#include "gateway/watch.h"

#include "base/clock.h"
#include "base/log.h"
#include "core/status_json.h"
#include "gateway/counters.h"
#include "gateway/links.h"
#include "gateway/loop.h"
#include "gateway/stream.h"
#include "ports/record_reader.h"

#include <inttypes.h>
#include <stdlib.h>

static void drop_frames(struct watch *w)
{
    for (size_t i = 0; i < FRAMES_VARIANTS; i++) {
        frames_release(&w->present[i]);
    }
}

enum err watch_new(struct hub *hub, struct span job_id, struct watch **out)
{
    struct watch *w = calloc(1, sizeof *w);
    if (w == NULL) {
        return ERR_NOMEM;
    }
    w->hub = hub;
    list_init(&w->members);
    list_init(&w->by_news);
    enum err e = span_copy(job_id, w->job_id, sizeof w->job_id);
    if (e == ERR_OK) {
        e = map_put(hub->watches, job_id, w);
    }
    if (e != ERR_OK) {
        free(w);
        return e;
    }
    e = zmq_port_subscribe(&hub->events, job_id);
    watch_touch(w);
    metrics_add(hub->loop->counters, COUNT_WATCHES, 1);
    if (e != ERR_OK) {
        watch_destroy(&w);
        return e;
    }
    *out = w;
    return ERR_OK;
}

void watch_destroy(struct watch **watch)
{
    struct watch *w = *watch;
    const struct span id = span_of(w->job_id);
    zmq_port_unsubscribe(&w->hub->events, id);
    (void)map_remove(w->hub->watches, id);
    list_remove(&w->by_news);
    drop_frames(w);
    snapshot_clear(&w->snapshot);
    metrics_add(w->hub->loop->counters, COUNT_WATCHES, -1);
    free(w);
    *watch = NULL;
}

void watch_touch(struct watch *w)
{
    w->news_ms = clock_mono_ms();
    list_remove(&w->by_news);
    list_append(&w->hub->by_news, &w->by_news);
}

bool watch_settled(const struct watch *w)
{
    return w->snapshot.known && job_status_terminal(w->snapshot.record.status) &&
           w->reads_wanted <= w->reads_done;
}

bool watch_lags(const struct watch *w, const struct member *m)
{
    return w->snapshot.known && w->reads_done <= m->reads_before &&
           sse_cursor_ahead(&m->cursor, &w->snapshot.record);
}

/* True if the member is to be told after another read, which is then wanted. */
static bool hold_back(struct watch *w, const struct member *m)
{
    if (!watch_lags(w, m)) {
        return false;
    }
    if (w->reads_wanted <= m->reads_before) {
        w->reads_wanted = m->reads_before + 1;
    }
    return true;
}

static void tell_members(struct watch *w, enum err err)
{
    w->telling = true; /* members that leave now must not take the watch away */
    for (struct list *at = w->members.next, *next; at != &w->members; at = next) {
        next = at->next;
        struct member *m = LIST_ENTRY(at, struct member, of_watch);
        if (err != ERR_OK || !hold_back(w, m)) {
            m->stream->kind->news(m, err);
        }
    }
    w->telling = false;
    if (err == ERR_OK && w->reads_wanted > w->reads_begun && !list_empty(&w->members)) {
        watch_read(w);
    } else {
        watch_release(&w);
    }
}

void watch_tell(struct watch *w, struct member *m)
{
    if (!hold_back(w, m)) {
        m->stream->kind->news(m, ERR_OK);
    } else if (w->reads_wanted > w->reads_begun) {
        watch_read(w);
    }
}

void watch_release(struct watch **w)
{
    if (list_empty(&(*w)->members) && !(*w)->reading && !(*w)->telling) {
        watch_destroy(w);
    }
}

static enum err take_record(struct watch *w, const struct job_record *record)
{
    if (w->snapshot.known && record->version <= w->snapshot.record.version) {
        return ERR_OK; /* nothing new, or read before a progress event that came first */
    }
    TRY(snapshot_set(&w->snapshot, record));
    drop_frames(w);
    return ERR_OK;
}

static enum err start_read(struct watch *w);

static void on_record(void *context, enum err err, const struct job_record *record)
{
    struct watch *w = context;
    w->reading = false;
    w->hub->reads_in_flight--;
    watch_touch(w);
    const bool again = w->read_again && err == ERR_OK && !list_empty(&w->members);
    w->read_again = false;
    const enum err e = err == ERR_OK ? take_record(w, record) : err;
    if (e == ERR_OK) {
        w->reads_done = w->reads_begun;
    }
    if (again && start_read(w) != ERR_OK) {
        log_debug("watch.read", "job=%s: Redis is away", w->job_id); /* hub_refresh follows */
    }
    tell_members(w, e);
}

static enum err start_read(struct watch *w)
{
    struct gateway_loop *loop = w->hub->loop;
    TRY(reader_get(loop->redis, span_of(w->job_id), on_record, w));
    w->reading = true;
    w->reads_begun++;
    w->hub->reads_in_flight++;
    metrics_add(loop->counters, COUNT_RECORD_READS, 1);
    return ERR_OK;
}

void watch_read(struct watch *w)
{
    if (w->reading) {
        w->read_again = true;
        return;
    }
    const enum err e = start_read(w);
    if (e != ERR_OK) {
        tell_members(w, e); /* those that run go on: hub_refresh reads when Redis is back */
    }
}

static void apply_progress(struct watch *w, const struct wire_event *event)
{
    struct job_record *r = &w->snapshot.record;
    r->version = event->version;
    r->updated_at_s = event->updated_at_s;
    r->progress = event->meter.percent;
    r->eta_s = event->meter.eta_s;
    r->stage = event->meter.stage;
    r->bytes_done = event->meter.bytes_done;
    r->bytes_total = event->meter.bytes_total;
    drop_frames(w);
    tell_members(w, ERR_OK);
}

/* Now, unless so many reads are in flight that it had better wait for a tick. */
static void want_read(struct watch *w)
{
    if (w->hub->reads_in_flight < HUB_READS_AT_ONCE) {
        watch_read(w);
        return;
    }
    w->news_ms = 0;
    list_remove(&w->by_news);
    list_append(w->hub->by_news.next,
                &w->by_news); /* in front: list_append puts before its anchor */
}

void watch_event(struct watch *w, const struct wire_event *event)
{
    const struct job_record *r = &w->snapshot.record;
    if (!w->snapshot.known) {
        watch_read(w); /* the read in flight may be older than this event */
        return;
    }
    if (event->kind == EVENT_SUBSCRIBED) {
        want_read(w); /* also of a job that has ended: a stream of many would see its retry */
        return;
    }
    if (event->version <= r->version) {
        return;
    }
    const bool follows = event->kind == EVENT_PROGRESS && r->status == JOB_RUNNING &&
                         event->transition == record_log_last(r->log);
    if (follows) {
        watch_touch(w);
        apply_progress(w, event);
    } else {
        want_read(w);
    }
}

static void render(struct watch *w, const struct sse_step *step, unsigned form)
{
    const bool named_only = (form & FRAMES_NAMED_ONLY) != 0;
    struct hub *hub = w->hub;
    const struct job_record *r = &w->snapshot.record;
    struct status_link link;
    uint64_t window;
    const bool linked =
        links_of_status(&hub->loop->links, r, clock_wall_ms() / 1000, &link, &window);
    buf_reset(&hub->json);
    buf_reset(&hub->out);
    if (step->present) {
        status_json_render(r, linked ? &link : NULL, &hub->json);
    } else {
        status_json_render_past(r, &step->transition, linked ? &link : NULL, &hub->json);
    }
    if ((form & FRAMES_NO_ID) != 0) {
        sse_write_event(step->kind, step->status, (struct span){0}, buf_as_span(&hub->json),
                        named_only, &hub->out);
    } else {
        sse_write_step(step, buf_as_span(&hub->json), named_only, &hub->out);
    }
}

static enum err make_frames(struct watch *w, const struct sse_step *step, unsigned form,
                            struct frames **out)
{
    render(w, step, form);
    if (buf_error(&w->hub->json) == ERR_NOMEM || buf_error(&w->hub->out) == ERR_NOMEM) {
        return ERR_NOMEM;
    }
    if (buf_error(&w->hub->json) != ERR_OK || buf_error(&w->hub->out) != ERR_OK) {
        if (w->unfit < step->version) {
            w->unfit = step->version;
            log_error("stream.render", "job=%s version=%" PRIu64 ": does not fit", w->job_id,
                      w->unfit);
        }
        return ERR_TOO_LARGE;
    }
    *out = frames_new(buf_as_span(&w->hub->out));
    return *out != NULL ? ERR_OK : ERR_NOMEM;
}

enum err watch_frames(struct watch *w, const struct sse_step *step, unsigned form,
                      struct frames **out)
{
    if (!step->present) {
        return make_frames(w, step, form, out);
    }
    struct frames **kept = &w->present[frames_variant(step, form)];
    if (*kept == NULL) {
        TRY(make_frames(w, step, form, kept));
    }
    *out = frames_hold(*kept);
    return ERR_OK;
}
