#include "broker/claims.h"

#include "base/clock.h"
#include "base/log.h"
#include "broker/events.h"
#include "broker/workers.h"

#include <stdlib.h>

struct batch {
    struct broker *broker;
    bool busy;
    uint64_t hints; /* when it was sent */
    size_t count;
    uint16_t seats[RECORDS_BATCH_MAX];
};

struct claims {
    bool hinted;
    uint64_t hints; /* counts them, so that one during a claim is not forgotten */
    size_t in_flight;
    struct batch batches[CLAIMS_IN_FLIGHT];
    struct span names[RECORDS_BATCH_MAX];
};

enum err claims_new(struct broker *b, struct claims **out)
{
    struct claims *c = calloc(1, sizeof *c);
    if (c == NULL) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < CLAIMS_IN_FLIGHT; i++) {
        c->batches[i].broker = b;
    }
    *out = c;
    return ERR_OK;
}

void claims_destroy(struct claims **c)
{
    free(*c);
    *c = NULL;
}

void claims_hint(struct broker *b)
{
    b->claims->hinted = true;
    b->claims->hints++;
}

bool claims_hinted(const struct claims *c)
{
    return c->hinted;
}

size_t claims_in_flight(const struct claims *c)
{
    return c->in_flight;
}

size_t claims_reserve(struct broker *b, size_t want, uint16_t *seats, struct span *names)
{
    const size_t room = attempts_room(b->attempts);
    if (b->draining || want > room) {
        want = b->draining ? 0 : room;
    }
    const size_t count = sched_reserve(workers_sched(b->workers), want, seats);
    for (size_t i = 0; i < count; i++) {
        names[i] = worker_id(workers_at(b->workers, seats[i]));
    }
    return count;
}

static void start(struct broker *b, const struct batch *batch, const struct record_claimed *item)
{
    events_transition(b->events, span_of(item->attempt.job_id), JOB_RUNNING, item->version,
                      clock_wall_ms());
    workers_assign(b, batch->seats[item->worker],
                   &(struct wire_assign){.attempt = item->attempt,
                                         .file_id = item->file_id,
                                         .spec = item->spec,
                                         .timeout_ms = item->timeout_ms,
                                         .failures = item->failures});
}

static void on_claimed(void *context, enum err err, const struct record_claimed *items,
                       size_t count)
{
    struct batch *batch = context;
    struct broker *b = batch->broker;
    struct claims *c = b->claims;
    bool used[RECORDS_BATCH_MAX] = {false};
    batch->busy = false;
    c->in_flight--;
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        if (items[i].worker < batch->count && !used[items[i].worker]) {
            used[items[i].worker] = true;
            start(b, batch, &items[i]);
        }
    }
    for (size_t i = 0; i < batch->count; i++) {
        if (!used[i]) {
            sched_give_back(workers_sched(b->workers), batch->seats[i]);
        }
    }
    /* Some, but fewer than asked, may only mean that the step was long enough: ask once more. */
    if ((err == ERR_OK && count == 0 && c->hints == batch->hints) || err != ERR_OK) {
        c->hinted = false; /* after an error the next tick says again that jobs wait */
    }
}

static struct batch *idle_batch(struct claims *c)
{
    for (size_t i = 0; i < CLAIMS_IN_FLIGHT; i++) {
        if (!c->batches[i].busy) {
            return &c->batches[i];
        }
    }
    return NULL;
}

void claims_flush(struct broker *b)
{
    struct claims *c = b->claims;
    struct batch *batch = idle_batch(c);
    if (!b->prepared || !c->hinted || batch == NULL) {
        return;
    }
    batch->count = claims_reserve(b, RECORDS_BATCH_MAX, batch->seats, c->names);
    if (batch->count == 0) {
        return;
    }
    batch->hints = c->hints;
    const enum err err = records_claim(b->records, c->names, batch->count, on_claimed, batch);
    if (err == ERR_OK) {
        batch->busy = true;
        c->in_flight++;
        return;
    }
    c->in_flight++; /* on_claimed takes it off again */
    on_claimed(batch, err, NULL, 0);
}
