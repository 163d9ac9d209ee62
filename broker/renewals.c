#include "broker/renewals.h"

#include "base/log.h"
#include "broker/finishes.h"
#include "broker/workers.h"

#include <stdlib.h>

struct batch {
    struct broker *broker;
    bool busy;
    size_t count;
    struct attempt attempts[RECORDS_BATCH_MAX];
};

struct renewals {
    struct list queue; /* struct running, by `renewal` */
    size_t in_flight;
    struct batch batches[RENEWALS_IN_FLIGHT];
};

enum err renewals_new(struct broker *b, struct renewals **out)
{
    struct renewals *r = calloc(1, sizeof *r);
    if (r == NULL) {
        return ERR_NOMEM;
    }
    list_init(&r->queue);
    for (size_t i = 0; i < RENEWALS_IN_FLIGHT; i++) {
        r->batches[i].broker = b;
    }
    *out = r;
    return ERR_OK;
}

void renewals_destroy(struct renewals **r)
{
    free(*r);
    *r = NULL;
}

size_t renewals_in_flight(const struct renewals *r)
{
    return r->in_flight;
}

void renewals_add(struct broker *b, struct running *r)
{
    if (r->finish == NULL && list_empty(&r->renewal)) {
        list_append(&b->renewals->queue, &r->renewal);
    }
}

void renewals_add_all(struct broker *b)
{
    size_t cursor = 0;
    struct running *r;
    while ((r = attempts_next(b->attempts, &cursor)) != NULL) {
        renewals_add(b, r);
    }
}

static void apply(struct broker *b, struct running *r, const struct record_renewed *item)
{
    switch (item->hold) {
    case RECORD_HELD:
        r->renewed_ms = b->now_ms;
        break;
    case RECORD_CANCEL_WANTED:
        r->renewed_ms = b->now_ms;
        workers_abort(b, r, ABORT_CANCELED);
        break;
    case RECORD_STALE:
        if (r->finish == NULL) { /* else the end that is under way will say so itself */
            log_info("attempt.stale", "job=%s worker=%s", r->attempt.job_id, r->worker->id);
            workers_abort(b, r, ABORT_STALE);
            attempts_drop(b->attempts, r);
        }
        break;
    }
}

static void on_renewed(void *context, enum err err, const struct record_renewed *items,
                       size_t count)
{
    struct batch *batch = context;
    struct broker *b = batch->broker;
    batch->busy = false;
    b->renewals->in_flight--;
    if (err != ERR_OK) {
        return; /* the next heartbeats ask again, and so does a new connection to Redis */
    }
    for (size_t i = 0; i < count && i < batch->count; i++) {
        struct running *r = attempts_match(b->attempts, &batch->attempts[i]);
        if (r != NULL) {
            apply(b, r, &items[i]);
        }
    }
}

static struct batch *idle_batch(struct renewals *r)
{
    for (size_t i = 0; i < RENEWALS_IN_FLIGHT; i++) {
        if (!r->batches[i].busy) {
            return &r->batches[i];
        }
    }
    return NULL;
}

static void send_batch(struct broker *b, struct batch *batch)
{
    struct list *link;
    batch->count = 0;
    while (batch->count < RECORDS_BATCH_MAX && (link = list_pop(&b->renewals->queue)) != NULL) {
        const struct running *r = LIST_ENTRY(link, struct running, renewal);
        batch->attempts[batch->count++] = r->attempt;
    }
    batch->busy =
        records_renew(b->records, batch->attempts, batch->count, on_renewed, batch) == ERR_OK;
    b->renewals->in_flight += batch->busy ? 1 : 0;
}

void renewals_flush(struct broker *b)
{
    struct batch *batch;
    while (b->prepared && !list_empty(&b->renewals->queue) &&
           (batch = idle_batch(b->renewals)) != NULL) {
        send_batch(b, batch);
    }
}
