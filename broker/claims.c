#include "broker/claims.h"

#include "base/clock.h"
#include "base/log.h"
#include "broker/events.h"
#include "broker/workers.h"

#include <stdlib.h>

struct claims {
    uint64_t waiting; /* jobs believed to wait */
    uint64_t news;  /* counts what was said of them, so that news during a claim is not forgotten */
    bool in_flight; /* one call; its seats: */
    uint64_t news_then;
    size_t count;
    uint16_t seats[RECORDS_BATCH_MAX];
    struct span names[RECORDS_BATCH_MAX];
};

enum err claims_new(struct broker *b, struct claims **out)
{
    struct claims *c = calloc(1, sizeof *c);
    if (c == NULL) {
        return ERR_NOMEM;
    }
    (void)b;
    *out = c;
    return ERR_OK;
}

void claims_destroy(struct claims **c)
{
    free(*c);
    *c = NULL;
}

static void believe(struct claims *c, uint64_t waiting)
{
    c->waiting = waiting;
    c->news++;
}

void claims_hint(struct broker *b)
{
    struct claims *c = b->claims;
    believe(c, c->waiting < CLAIMS_HINT ? CLAIMS_HINT : c->waiting);
}

void claims_expect(struct broker *b, size_t more)
{
    believe(b->claims, b->claims->waiting + more);
}

void claims_expect_in_all(struct broker *b, uint64_t waiting)
{
    believe(b->claims, waiting);
}

bool claims_in_flight(const struct claims *c)
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

static void start(struct broker *b, uint16_t seat, const struct record_claimed *item)
{
    events_transition(b->events, span_of(item->attempt.job_id), JOB_RUNNING, item->version,
                      clock_wall_ms());
    workers_assign(b, seat,
                   &(struct wire_assign){.attempt = item->attempt,
                                         .file_id = item->file_id,
                                         .spec = item->spec,
                                         .timeout_ms = item->timeout_ms,
                                         .failures = item->failures});
}

/* What the answer says about those that still wait. Some, but fewer than asked, may only mean that
 * the step was long enough: then a hint asks once more. After an error the next tick counts. */
static void learn(struct claims *c, enum err err, size_t claimed)
{
    c->waiting = c->waiting > claimed ? c->waiting - claimed : 0;
    if (c->news != c->news_then) {
        return;
    }
    if (err != ERR_OK || claimed == 0) {
        c->waiting = 0;
    } else if (claimed < c->count && c->waiting > CLAIMS_HINT) {
        c->waiting = CLAIMS_HINT;
    }
}

static void on_claimed(void *context, enum err err, const struct record_claimed *items,
                       size_t count)
{
    struct broker *b = context;
    struct claims *c = b->claims;
    bool used[RECORDS_BATCH_MAX] = {false};
    size_t claimed = 0;
    c->in_flight = false;
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        if (items[i].worker < c->count && !used[items[i].worker]) {
            used[items[i].worker] = true;
            start(b, c->seats[items[i].worker], &items[i]);
            claimed++;
        }
    }
    for (size_t i = 0; i < c->count; i++) {
        if (!used[i]) {
            sched_give_back(workers_sched(b->workers), c->seats[i]);
        }
    }
    learn(c, err, claimed);
}

void claims_flush(struct broker *b)
{
    struct claims *c = b->claims;
    if (!b->prepared || c->in_flight || c->waiting == 0) {
        return;
    }
    const size_t want = c->waiting < RECORDS_BATCH_MAX ? (size_t)c->waiting : RECORDS_BATCH_MAX;
    c->count = claims_reserve(b, want, c->seats, c->names);
    if (c->count == 0) {
        return;
    }
    c->news_then = c->news;
    c->in_flight = true;
    const enum err err = records_claim(b->records, c->names, c->count, on_claimed, b);
    if (err != ERR_OK) {
        on_claimed(b, err, NULL, 0);
    }
}
