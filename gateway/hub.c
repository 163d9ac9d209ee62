#include "gateway/hub.h"

#include "base/clock.h"
#include "base/log.h"
#include "core/status_json.h"
#include "gateway/counters.h"
#include "gateway/loop.h"
#include "gateway/server.h"
#include "gateway/stream.h"
#include "gateway/user_topic.h"
#include "gateway/watch.h"

#include <assert.h>
#include <inttypes.h>
#include <zmq.h>

enum {
    EVENT_PARTS = 2,                       /* topic, packet */
    EVENT_BYTES_MAX = 4 * STATUS_JSON_MAX, /* three frames and their names */
};

static void on_message(void *context, const struct wire_message *m)
{
    struct hub *hub = context;
    if (m->kind != WIRE_EVENT) {
        return;
    }
    metrics_add(hub->loop->counters, COUNT_EVENTS, 1);
    if (m->event.user_id.len > 0) {
        user_topic_event(hub, &m->event);
        return;
    }
    struct watch *w = map_get(hub->watches, m->event.job_id);
    if (w != NULL) {
        watch_event(w, &m->event);
    }
}

static void on_frame(void *context, struct span frame)
{
    struct hub *hub = context;
    const char *what = NULL;
    if (wire_read(hub->loop->reader, frame, on_message, hub, &what) != ERR_OK) {
        metrics_add(hub->loop->counters, COUNT_BROKER_PACKETS_BAD, 1);
        uint64_t left_out;
        if (log_limit_pass(&hub->bad_events, clock_mono_ms(), &left_out)) {
            log_warn("hub.bad_event", "%s; left out: %" PRIu64, what != NULL ? what : "no memory",
                     left_out);
        }
    }
}

enum err hub_open(struct hub *hub, struct gateway_loop *loop)
{
    *hub = (struct hub){.loop = loop, .hangup_fd = -1};
    list_init(&hub->by_news);
    list_init(&hub->by_scan);
    list_init(&hub->opening);
    list_init(&hub->idle);
    list_init(&hub->busy);
    list_init(&hub->due);
    buf_init(&hub->json, STATUS_JSON_MAX);
    buf_init(&hub->out, EVENT_BYTES_MAX);
    TRY(map_new(HUB_WATCHES_MAX, &hub->watches));
    TRY(map_new(HUB_USERS_MAX, &hub->users));
    TRY(streams_open(hub));
    const struct zmq_port_config port = {
        .zmq = loop->server->zmq,
        .type = ZMQ_SUB,
        .parts = EVENT_PARTS,
        .endpoints = loop->config->events.items,
        .endpoints_count = loop->config->events.count,
        .on_frame = on_frame,
        .context = hub,
    };
    return zmq_port_open(&hub->events, &port, loop->h2o.loop, &loop->soon);
}

void hub_close(struct hub *hub)
{
    if (hub->loop == NULL) {
        return;
    }
    size_t cursor = 0;
    for (struct watch *w;
         hub->watches != NULL && (w = map_next(hub->watches, &cursor, NULL)) != NULL;) {
        for (struct list *at; (at = list_pop(&w->members)) != NULL;) {
            LIST_ENTRY(at, struct member, of_watch)->watch = NULL;
        }
        watch_destroy(&w);
    }
    user_topics_close(hub);
    streams_close(hub);
    zmq_port_close(&hub->events);
    map_destroy(&hub->watches);
    map_destroy(&hub->users);
    buf_clear(&hub->json);
    buf_clear(&hub->out);
}

static bool has_room(const struct hub *hub, const struct member *member, bool fresh)
{
    const size_t members = HUB_MEMBERS_MAX - (member->of_many ? HUB_MEMBERS_RESERVED : 0);
    const size_t watches = HUB_WATCHES_MAX - (member->of_many ? HUB_WATCHES_RESERVED : 0);
    return hub->members_count < members && (!fresh || map_count(hub->watches) < watches);
}

enum err hub_join(struct hub *hub, struct span job_id, struct member *member)
{
    struct watch *w = map_get(hub->watches, job_id);
    const bool fresh = w == NULL;
    if (!has_room(hub, member, fresh)) {
        return ERR_FULL;
    }
    if (fresh) {
        TRY(watch_new(hub, job_id, &w));
    }
    member->watch = w;
    member->reads_before = w->reads_begun;
    list_append(&w->members, &member->of_watch);
    hub->members_count++;
    metrics_add(hub->loop->counters, COUNT_MEMBERS, 1);
    if (fresh) {
        watch_read(w);                  /* may end the watch, if Redis is away */
        zmq_port_recheck(&hub->events); /* subscribing may have swallowed an edge */
    } else if (w->snapshot.known) {
        watch_tell(w, member);
    }
    return ERR_OK;
}

void hub_leave(struct hub *hub, struct member *member)
{
    struct watch *w = member->watch;
    if (w == NULL) {
        return;
    }
    member->watch = NULL;
    list_remove(&member->of_watch);
    hub->members_count--;
    metrics_add(hub->loop->counters, COUNT_MEMBERS, -1);
    watch_release(&w);
}

void hub_refresh(struct hub *hub)
{
    hub->refresh_before_ms = hub->now_ms;
    user_topics_refresh(hub);
}

static void read_silent(struct hub *hub)
{
    for (int i = 0; i < HUB_READS_A_TICK && !list_empty(&hub->by_news); i++) {
        struct watch *w = LIST_ENTRY(hub->by_news.next, struct watch, by_news);
        const bool silent = hub->now_ms - w->news_ms >= HUB_SILENT_MS;
        if (!silent && w->news_ms > hub->refresh_before_ms) {
            return;
        }
        watch_touch(w); /* not again before HUB_SILENT_MS, whatever comes of it */
        if (!watch_settled(w)) {
            watch_read(w);
        }
    }
}

void hub_tick(struct hub *hub, int64_t now_ms)
{
    hub->now_ms = now_ms;
    if (redis_conn_up(hub->loop->redis)) {
        read_silent(hub);
        user_topics_tick(hub, now_ms);
    }
    streams_tick(hub, now_ms);
}

void hub_stop(struct hub *hub)
{
    streams_stop(hub);
}
