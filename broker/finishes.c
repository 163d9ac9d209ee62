#include "broker/finishes.h"

#include "base/clock.h"
#include "base/log.h"
#include "broker/claims.h"
#include "broker/events.h"
#include "broker/finish.h"
#include "broker/housekeeping.h"
#include "broker/pool.h"
#include "broker/report.h"
#include "broker/workers.h"
#include "core/retry.h"

#include <stdlib.h>

struct batch {
    struct broker *broker;
    bool busy;
    size_t count;
    struct finish *items[RECORDS_BATCH_MAX];
};

struct finishes {
    struct pool pool;
    struct list queue, later;
    struct batch batch;
    struct record_finish scratch[RECORDS_BATCH_MAX];
};

enum err finishes_new(struct broker *b, struct finishes **out)
{
    struct finishes *f = calloc(1, sizeof *f);
    if (f == NULL) {
        return ERR_NOMEM;
    }
    pool_init(&f->pool, sizeof(struct finish), FINISHES_MAX);
    list_init(&f->queue);
    list_init(&f->later);
    f->batch.broker = b;
    *out = f;
    return ERR_OK;
}

void finishes_destroy(struct finishes **f)
{
    if (*f != NULL) {
        pool_clear(&(*f)->pool);
        free(*f);
        *f = NULL;
    }
}

size_t finishes_pending(const struct finishes *f)
{
    return f->pool.used;
}

static struct finish *finish_new(struct finishes *f, const struct attempt *attempt,
                                 enum record_end end, struct running *r)
{
    struct finish *made = pool_take(&f->pool);
    if (made == NULL) {
        log_warn("finishes.full", "job=%s", attempt->job_id);
        return NULL;
    }
    finish_init(made, attempt, end, r);
    list_append(&f->queue, &made->link);
    if (r != NULL) {
        r->finish = made;
        list_remove(&r->renewal);
        list_remove(&r->report);
    }
    return made;
}

static void finish_destroy(struct finishes *f, struct finish *x)
{
    if (x->running != NULL) {
        x->running->finish = NULL;
    }
    if (!x->in_flight) {
        list_remove(&x->link);
    }
    pool_give(&f->pool, x);
}

void finishes_result(struct broker *b, struct peer *peer, const struct wire_message *m)
{
    const struct wire_result *result = &m->result;
    struct running *r = attempts_match(b->attempts, &result->attempt);
    if (r != NULL) {
        finishes_recall(b, r);
    }
    if ((r != NULL && r->finish != NULL) || (r == NULL && !b->prepared)) {
        return; /* under way already, or to be repeated when Redis is back */
    }
    struct finish *x = finish_new(b->finishes, &result->attempt, finish_end(result->outcome), r);
    if (x == NULL) {
        return;
    }
    x->from = peer_ref(peer);
    x->request_id = m->request_id;
    finish_copy(x, result);
    if (result->outcome == OUTCOME_FAILED && result->failure.retryable) {
        x->item.retry_delay_ms =
            retry_delay_ms(result->failure.code, r == NULL ? 0 : r->failures,
                           result->failure.retry_after_ms, id_source_u64(&b->random));
    }
}

void finishes_own(struct broker *b, struct running *r, enum record_end end)
{
    struct finish *x = finish_new(b->finishes, &r->attempt, end, r);
    if (x == NULL) {
        attempts_drop(b->attempts, r); /* its lease runs out and any broker reaps it */
        return;
    }
    x->own = true;
}

void finishes_release(struct broker *b, const struct attempt *attempt)
{
    struct finish *x = finish_new(b->finishes, attempt, RECORD_END_RELEASED, NULL);
    if (x != NULL) {
        x->own = true;
    }
}

void finishes_recall(struct broker *b, struct running *r)
{
    if (r->finish != NULL && r->finish->own && !r->finish->in_flight) {
        finish_destroy(b->finishes, r->finish);
    }
}

void finishes_forget(struct broker *b, struct running *r)
{
    finishes_recall(b, r);
    if (r->finish != NULL) {
        r->finish->running = NULL;
        r->finish = NULL;
    }
}

static void acknowledge(struct broker *b, const struct finish *x, enum record_finish_code code)
{
    static const enum ack_code ACKS[] = {
        [RECORD_FINISHED] = ACK_RECORDED,
        [RECORD_REPEATED] = ACK_RECORDED,
        [RECORD_END_STALE] = ACK_STALE,
        [RECORD_END_REFUSED] = ACK_CANCELED,
    };
    struct peer *peer = peer_get(x->from);
    if (peer != NULL) {
        peers_say(b->peers, peer,
                  &(struct wire_message){.request_id = x->request_id,
                                         .kind = WIRE_ACK,
                                         .ack = {.attempt = x->item.attempt, .code = ACKS[code]}});
    }
}

/* What an end makes possible: the job itself again, or one that its user's running cap held back.
 */
static void wake_queue(struct broker *b, const struct finish *x, enum job_status status)
{
    if (status == JOB_QUEUED && x->item.end == RECORD_END_FAILED && x->item.retry_delay_ms > 0) {
        housekeeping_due(b, b->now_ms + x->item.retry_delay_ms);
    } else if (status == JOB_QUEUED) {
        claims_hint(b);
    }
    if (b->options->user_running_max > 0) {
        claims_hint(b);
    }
}

/* Each end once: what another delivery of it recorded was counted then, if its broker lives. */
static void count(struct broker *b, const struct finish *x, const struct record_finished *done)
{
    const bool refused = done->code == RECORD_END_REFUSED && x->running != NULL;
    if (refused || (done->code == RECORD_FINISHED && done->status == JOB_CANCELED)) {
        report_canceled(b);
    } else if (done->code == RECORD_FINISHED && done->status == JOB_COMPLETED) {
        report_completed(b, x->running != NULL ? x->running->began_ms : 0);
    } else if (done->code == RECORD_FINISHED && x->item.end != RECORD_END_RELEASED) {
        report_failure(b,
                       x->item.end == RECORD_END_LOST ? job_error_code(JOB_ERROR_WORKER_LOST)
                                                      : x->item.failure.code,
                       done->status);
    }
}

static void settle(struct broker *b, struct finish *x, const struct record_finished *done)
{
    acknowledge(b, x, done->code);
    count(b, x, done);
    if (done->code != RECORD_END_STALE) {
        events_transition(b->events, span_of(x->item.attempt.job_id), done->status, done->version,
                          clock_wall_ms());
        wake_queue(b, x, done->status);
    }
    if (x->own) {
        log_info("attempt.given_up", "job=%s fence=%llu end=%d code=%d", x->item.attempt.job_id,
                 (unsigned long long)x->item.attempt.fence, (int)x->item.end, (int)done->code);
    }
    struct running *r = x->running;
    finish_destroy(b->finishes, x);
    if (r != NULL) {
        attempts_drop(b->attempts, r);
    }
}

static void unsettled(struct broker *b, struct finish *x, enum err err)
{
    if (x->own && err == ERR_UNAVAILABLE) {
        x->in_flight = false;
        list_append(&b->finishes->later, &x->link);
        return;
    }
    finish_destroy(b->finishes, x); /* its worker repeats it */
}

static void on_finished(void *context, enum err err, const struct record_finished *items,
                        size_t count)
{
    struct batch *batch = context;
    struct broker *b = batch->broker;
    batch->busy = false;
    for (size_t i = 0; i < batch->count; i++) {
        if (err == ERR_OK && i < count) {
            settle(b, batch->items[i], &items[i]);
        } else {
            unsettled(b, batch->items[i], err);
        }
    }
}

static void send_batch(struct broker *b, struct batch *batch)
{
    struct finishes *f = b->finishes;
    struct list *link;
    batch->count = 0;
    while (batch->count < RECORDS_BATCH_MAX && (link = list_pop(&f->queue)) != NULL) {
        struct finish *x = LIST_ENTRY(link, struct finish, link);
        x->in_flight = true;
        f->scratch[batch->count] = x->item;
        batch->items[batch->count++] = x;
    }
    const enum err err = records_finish(b->records, f->scratch, batch->count, on_finished, batch);
    batch->busy = err == ERR_OK;
    for (size_t i = 0; err != ERR_OK && i < batch->count; i++) {
        unsettled(b, batch->items[i], ERR_UNAVAILABLE);
    }
}

bool finishes_in_flight(const struct finishes *f)
{
    return f->batch.busy;
}

void finishes_flush(struct broker *b)
{
    struct finishes *f = b->finishes;
    if (b->prepared && !list_empty(&f->queue) && !f->batch.busy) {
        send_batch(b, &f->batch);
    }
}

void finishes_retry(struct broker *b)
{
    struct list *link;
    while (b->prepared && (link = list_pop(&b->finishes->later)) != NULL) {
        list_append(&b->finishes->queue, link);
    }
}
