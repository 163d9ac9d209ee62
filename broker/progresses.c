#include "broker/progresses.h"

#include "broker/events.h"
#include "broker/workers.h"

#include <stdlib.h>

struct batch {
    struct broker *broker;
    bool busy;
    size_t count;
    struct record_progress items[RECORDS_BATCH_MAX];
};

struct progresses {
    struct list queue; /* struct running, by `report` */
    size_t in_flight;
    struct batch batches[PROGRESSES_IN_FLIGHT];
};

enum err progresses_new(struct broker *b, struct progresses **out)
{
    struct progresses *p = calloc(1, sizeof *p);
    if (p == NULL) {
        return ERR_NOMEM;
    }
    list_init(&p->queue);
    for (size_t i = 0; i < PROGRESSES_IN_FLIGHT; i++) {
        p->batches[i].broker = b;
    }
    *out = p;
    return ERR_OK;
}

void progresses_destroy(struct progresses **p)
{
    free(*p);
    *p = NULL;
}

size_t progresses_in_flight(const struct progresses *p)
{
    return p->in_flight;
}

void progresses_take(struct broker *b, struct peer *peer, const struct wire_message *m)
{
    struct running *r = attempts_match(b->attempts, &m->progress.attempt);
    if (r == NULL || r->worker != peer->worker || r->finish != NULL) {
        return; /* not kept here: its worker has to say Hello first */
    }
    r->named_ms = b->now_ms;
    r->meter = m->progress.meter;
    if (list_empty(&r->report)) {
        list_append(&b->progresses->queue, &r->report);
    }
}

static void apply(struct broker *b, const struct record_progress *sent,
                  const struct record_progressed *item)
{
    if (item->hold == RECORD_HELD) {
        events_progress(b->events, &(struct event_progress){
                                       .job_id = span_of(sent->attempt.job_id),
                                       .version = item->version,
                                       .transition = item->transition,
                                       .updated_at_s = item->updated_at_s,
                                       .meter = &sent->meter,
                                   });
        return;
    }
    struct running *r = attempts_match(b->attempts, &sent->attempt);
    if (r == NULL || r->finish != NULL) {
        return;
    }
    const bool canceled = item->hold == RECORD_CANCEL_WANTED;
    workers_abort(b, r, canceled ? ABORT_CANCELED : ABORT_STALE);
    if (!canceled) {
        attempts_drop(b->attempts, r);
    }
}

static void on_progressed(void *context, enum err err, const struct record_progressed *items,
                          size_t count)
{
    struct batch *batch = context;
    struct broker *b = batch->broker;
    batch->busy = false;
    b->progresses->in_flight--;
    for (size_t i = 0; err == ERR_OK && i < count && i < batch->count; i++) {
        apply(b, &batch->items[i], &items[i]);
    }
}

static struct batch *idle_batch(struct progresses *p)
{
    for (size_t i = 0; i < PROGRESSES_IN_FLIGHT; i++) {
        if (!p->batches[i].busy) {
            return &p->batches[i];
        }
    }
    return NULL;
}

static void send_batch(struct broker *b, struct batch *batch)
{
    struct list *link;
    batch->count = 0;
    while (batch->count < RECORDS_BATCH_MAX && (link = list_pop(&b->progresses->queue)) != NULL) {
        const struct running *r = LIST_ENTRY(link, struct running, report);
        batch->items[batch->count++] =
            (struct record_progress){.attempt = r->attempt, .meter = r->meter};
    }
    batch->busy =
        records_progress(b->records, batch->items, batch->count, on_progressed, batch) == ERR_OK;
    b->progresses->in_flight += batch->busy ? 1 : 0;
}

void progresses_flush(struct broker *b)
{
    struct batch *batch;
    while (b->prepared && !list_empty(&b->progresses->queue) &&
           (batch = idle_batch(b->progresses)) != NULL) {
        send_batch(b, batch);
    }
}
