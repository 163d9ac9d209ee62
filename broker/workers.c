#include "broker/workers.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "broker/finishes.h"
#include "broker/renewals.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_MAX = JOB_WORKER_ID_MAX + (int)sizeof(uint64_t) };

struct workers {
    struct sched sched;
    struct map *by_key; /* id and incarnation */
    struct list all, free;
    int64_t checked_ms;
    struct worker seats[WORKERS_MAX];
};

enum err workers_new(struct workers **out)
{
    struct workers *w = calloc(1, sizeof *w);
    if (w == NULL) {
        return ERR_NOMEM;
    }
    const enum err e = map_new(WORKERS_MAX, &w->by_key);
    if (e != ERR_OK) {
        free(w);
        return e;
    }
    sched_init(&w->sched);
    list_init(&w->all);
    list_init(&w->free);
    for (unsigned i = 0; i < WORKERS_MAX; i++) {
        w->seats[i].seat = i;
        list_append(&w->free, &w->seats[i].link);
    }
    *out = w;
    return ERR_OK;
}

void workers_destroy(struct workers **w)
{
    if (*w != NULL) {
        map_destroy(&(*w)->by_key);
        free(*w);
        *w = NULL;
    }
}

struct sched *workers_sched(struct workers *w)
{
    return &w->sched;
}

struct worker *workers_at(struct workers *w, unsigned seat)
{
    return &w->seats[seat];
}

struct span worker_id(const struct worker *w)
{
    return span_of(w->id);
}

static struct span key_of(struct span id, uint64_t incarnation, char out[KEY_MAX])
{
    memcpy(out, &incarnation, sizeof incarnation);
    memcpy(out + sizeof incarnation, id.ptr, id.len);
    return (struct span){out, sizeof incarnation + id.len};
}

static struct worker *seat_take(struct workers *all, struct span id, uint64_t incarnation)
{
    struct list *link = list_pop(&all->free);
    if (link == NULL) {
        return NULL;
    }
    struct worker *w = LIST_ENTRY(link, struct worker, link);
    char key[KEY_MAX];
    if (span_copy(id, w->id, sizeof w->id) != ERR_OK ||
        map_put(all->by_key, key_of(id, incarnation, key), w) != ERR_OK) {
        list_append(&all->free, &w->link);
        return NULL;
    }
    w->incarnation = incarnation;
    w->used = true;
    w->peer = NULL;
    w->silent = w->draining = w->drained = false;
    w->ordered = WORKER_AS_IT_IS;
    w->version[0] = '\0';
    list_init(&w->running);
    list_append(&all->all, &w->link);
    return w;
}

struct worker *workers_admit(struct broker *b, struct span id, uint64_t incarnation)
{
    if (id.len == 0 || id.len > JOB_WORKER_ID_MAX) {
        return NULL;
    }
    char key[KEY_MAX];
    struct worker *w = map_get(b->workers->by_key, key_of(id, incarnation, key));
    return w != NULL ? w : seat_take(b->workers, id, incarnation);
}

void workers_attach(struct broker *b, struct worker *w, struct peer *peer)
{
    if (w->peer != NULL && w->peer != peer) {
        w->peer->worker = NULL;
    }
    if (peer->worker != NULL && peer->worker != w) {
        workers_peer_gone(b, peer); /* one connection speaks for one worker */
    }
    w->peer = peer;
    peer->worker = w;
}

void workers_link(struct worker *w, struct running *r)
{
    list_remove(&r->by_worker);
    r->worker = w;
    list_append(&w->running, &r->by_worker);
}

void workers_peer_gone(struct broker *b, struct peer *peer)
{
    struct worker *w = peer->worker;
    if (w != NULL) {
        log_info("worker.away", "worker=%s", w->id);
        sched_close(&b->workers->sched, w->seat);
        w->peer = NULL;
        peer->worker = NULL;
    }
}

static void give_up(struct broker *b, struct worker *w)
{
    struct list *link = w->running.next;
    while (link != &w->running) {
        struct running *r = LIST_ENTRY(link, struct running, by_worker);
        link = link->next;
        if (r->finish == NULL) {
            finishes_own(b, r, RECORD_END_LOST);
        }
    }
}

static bool forgettable(const struct broker *b, const struct worker *w)
{
    const bool gone = w->peer == NULL || b->now_ms - w->seen_ms > WORKER_FORGET_MS;
    return gone && list_empty(&w->running) && sched_reserved(&b->workers->sched, w->seat) == 0;
}

static void forget(struct broker *b, struct worker *w)
{
    char key[KEY_MAX];
    log_info("worker.forgotten", "worker=%s", w->id);
    (void)map_remove(b->workers->by_key, key_of(worker_id(w), w->incarnation, key));
    if (w->peer != NULL) {
        w->peer->worker = NULL;
        w->peer = NULL;
    }
    sched_close(&b->workers->sched, w->seat);
    w->used = false;
    list_remove(&w->link);
    list_append(&b->workers->free, &w->link);
}

static void check(struct broker *b, struct worker *w)
{
    if (b->now_ms - w->seen_ms <= WORKER_SILENT_MS) {
        return;
    }
    if (!w->silent) {
        w->silent = true;
        log_warn("worker.silent", "worker=%s", w->id);
        sched_close(&b->workers->sched, w->seat);
    }
    give_up(b, w);
    if (forgettable(b, w)) {
        forget(b, w);
    }
}

void workers_check(struct broker *b)
{
    struct workers *all = b->workers;
    const bool stalled = b->now_ms - all->checked_ms > WORKERS_STALL_MS;
    all->checked_ms = b->now_ms;
    struct list *link = all->all.next;
    while (link != &all->all) {
        struct worker *w = LIST_ENTRY(link, struct worker, link);
        link = link->next;
        if (stalled && !w->silent) {
            w->seen_ms = b->now_ms;
        }
        check(b, w);
    }
}

void workers_alive(struct broker *b)
{
    const struct wire_message m = {.kind = WIRE_BROKER_ALIVE,
                                   .broker_alive = {.draining = b->draining}};
    struct list *anchor = &b->workers->all;
    for (struct list *link = anchor->next; link != anchor; link = link->next) {
        struct worker *w = LIST_ENTRY(link, struct worker, link);
        if (w->peer != NULL) {
            peers_say(b->peers, w->peer, &m);
        }
    }
}

void workers_abort(struct broker *b, const struct running *r, enum abort_reason reason)
{
    if (r->worker->peer != NULL) {
        peers_say(b->peers, r->worker->peer,
                  &(struct wire_message){.kind = WIRE_ABORT,
                                         .abort = {.attempt = r->attempt, .reason = reason}});
    }
}

static bool at_hand(const struct worker *w)
{
    return w->peer != NULL && !w->silent && !w->draining;
}

bool workers_any(const struct broker *b)
{
    struct list *anchor = &b->workers->all;
    for (struct list *link = anchor->next; link != anchor; link = link->next) {
        if (at_hand(LIST_ENTRY(link, struct worker, link))) {
            return true;
        }
    }
    return false;
}

bool workers_discard(struct broker *b, struct span key)
{
    struct workers *all = b->workers;
    struct list *anchor = &all->all;
    for (struct list *link = anchor->next; link != anchor; link = link->next) {
        struct worker *w = LIST_ENTRY(link, struct worker, link);
        if (at_hand(w)) {
            peers_say(b->peers, w->peer,
                      &(struct wire_message){.kind = WIRE_DISCARD, .key = {.key = key}});
            list_remove(&w->link); /* the next key goes to another one */
            list_append(anchor, &w->link);
            return true;
        }
    }
    return false;
}
