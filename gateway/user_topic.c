#include "gateway/user_topic.h"

#include "base/clock.h"
#include "core/job.h"

#include <stdlib.h>
#include <string.h>

struct user_topic {
    struct list followers;
    bool telling; /* followers that leave now must not take the topic away */
    size_t user_len;
    char text[sizeof WIRE_USER_TOPIC + JOB_USER_ID_MAX]; /* the prefix and the user */
};

enum { PREFIX_LEN = sizeof WIRE_USER_TOPIC - 1 };

static struct span topic_of(const struct user_topic *t)
{
    return (struct span){t->text, PREFIX_LEN + t->user_len};
}

static struct span user_of(const struct user_topic *t)
{
    return (struct span){t->text + PREFIX_LEN, t->user_len};
}

static void destroy(struct hub *hub, struct user_topic *t)
{
    zmq_port_unsubscribe(&hub->events, topic_of(t));
    (void)map_remove(hub->users, user_of(t));
    free(t);
}

static void release(struct hub *hub, struct user_topic *t)
{
    if (list_empty(&t->followers) && !t->telling) {
        destroy(hub, t);
    }
}

static enum err new_topic(struct hub *hub, struct span user_id, struct user_topic **out)
{
    struct user_topic *t = user_id.len <= JOB_USER_ID_MAX ? calloc(1, sizeof *t) : NULL;
    if (t == NULL) {
        return ERR_NOMEM;
    }
    list_init(&t->followers);
    memcpy(t->text, WIRE_USER_TOPIC, PREFIX_LEN);
    memcpy(t->text + PREFIX_LEN, user_id.ptr, user_id.len);
    t->user_len = user_id.len;
    enum err e = map_put(hub->users, user_id, t);
    if (e != ERR_OK) {
        free(t);
        return e;
    }
    e = zmq_port_subscribe(&hub->events, topic_of(t));
    if (e != ERR_OK) {
        destroy(hub, t);
        return e;
    }
    *out = t;
    return ERR_OK;
}

enum err user_topic_join(struct hub *hub, struct span user_id, struct follower *f)
{
    struct user_topic *t = map_get(hub->users, user_id);
    const bool fresh = t == NULL;
    if (fresh) {
        TRY(new_topic(hub, user_id, &t));
    }
    f->topic = t;
    list_append(&t->followers, &f->of_topic);
    list_append(&hub->by_scan, &f->by_scan);
    if (fresh) {
        zmq_port_recheck(&hub->events); /* subscribing may have swallowed an edge */
    }
    return ERR_OK;
}

void user_topic_leave(struct hub *hub, struct follower *f)
{
    struct user_topic *t = f->topic;
    if (t == NULL) {
        return;
    }
    f->topic = NULL;
    list_remove(&f->of_topic);
    list_remove(&f->by_scan);
    release(hub, t);
}

void user_topic_scan_soon(struct hub *hub, struct follower *f)
{
    if (f->topic == NULL) {
        return;
    }
    f->scan_at_ms = 0;
    list_remove(&f->by_scan);
    list_append(hub->by_scan.next, &f->by_scan); /* in front: it puts before its anchor */
}

static void scan(struct hub *hub, struct follower *f, int64_t now_ms)
{
    f->scan_at_ms = now_ms + USER_SCAN_MS;
    list_remove(&f->by_scan);
    list_append(&hub->by_scan, &f->by_scan);
    f->scan(f);
}

void user_topic_event(struct hub *hub, const struct wire_event *event)
{
    struct user_topic *t = map_get(hub->users, event->user_id);
    if (t == NULL) {
        return; /* subscriptions are prefixes: a longer name */
    }
    t->telling = true;
    for (struct list *at = t->followers.next, *next; at != &t->followers; at = next) {
        next = at->next;
        struct follower *f = LIST_ENTRY(at, struct follower, of_topic);
        if (event->kind == EVENT_SUBSCRIBED) {
            scan(hub, f, clock_mono_ms());
        } else {
            f->on_job(f, event);
        }
    }
    t->telling = false;
    release(hub, t);
}

void user_topics_refresh(struct hub *hub)
{
    for (struct list *at = hub->by_scan.next; at != &hub->by_scan; at = at->next) {
        LIST_ENTRY(at, struct follower, by_scan)->scan_at_ms = 0;
    }
}

void user_topics_tick(struct hub *hub, int64_t now_ms)
{
    for (int i = 0; i < HUB_SCANS_A_TICK && !list_empty(&hub->by_scan); i++) {
        struct follower *f = LIST_ENTRY(hub->by_scan.next, struct follower, by_scan);
        if (f->scan_at_ms > now_ms) {
            return;
        }
        scan(hub, f, now_ms);
    }
}

void user_topics_close(struct hub *hub)
{
    size_t cursor = 0;
    for (struct user_topic *t;
         hub->users != NULL && (t = map_next(hub->users, &cursor, NULL)) != NULL;) {
        for (struct list *at; (at = list_pop(&t->followers)) != NULL;) {
            LIST_ENTRY(at, struct follower, of_topic)->topic = NULL;
        }
        destroy(hub, t);
    }
}
