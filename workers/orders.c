#include "base/log.h"
#include "workers/worker.h"

#include <stdlib.h>

/* ---- Assign */

static void on_assign(struct worker *w, const struct wire_message *m, bool credited)
{
    const struct wire_assign *a = &m->assign;
    struct run *r = NULL;
    if (runs_find(&w->runs, &a->attempt) != NULL) {
        return; /* delivered twice */
    }
    const bool wanted =
        credited && w->drain == DRAIN_NONE && !w->drained && runs_free_slots(&w->runs) > 0;
    const enum err err = runs_add(&w->runs, &a->attempt, &r);
    if (err != ERR_OK) {
        log_warn("assign.refused", "job=%s error=%s", a->attempt.job_id, err_name(err));
        return; /* no heartbeat will name it, and the broker takes it back */
    }
    r->worker = w;
    if (wanted) {
        run_begin(r, a);
    } else {
        run_stop(r, OUTCOME_RELEASED);
    }
}

/* ---- Ack, Abort */

static const char *const ACK_NAMES[ACK_CODE_COUNT] = {"recorded", "stale", "canceled"};

static void on_ack(struct worker *w, const struct wire_message *m, bool credited)
{
    (void)credited;
    struct run *r = runs_find(&w->runs, &m->ack.attempt);
    if (r == NULL || !r->reporting) {
        return;
    }
    if (m->ack.code != ACK_RECORDED) {
        log_info("result.refused", "job=%s answer=%s", r->id.job_id, ACK_NAMES[m->ack.code]);
    }
    if (m->ack.code != ACK_RECORDED && r->outcome == OUTCOME_COMPLETED) {
        orders_discard(w, span_of(r->key), false);
    }
    run_report_over(r);
}

static void on_abort(struct worker *w, const struct wire_message *m, bool credited)
{
    (void)credited;
    struct run *r = runs_find(&w->runs, &m->abort.attempt);
    if (r == NULL) {
        return;
    }
    if (m->abort.reason == ABORT_CANCELED) {
        run_stop(r, OUTCOME_CANCELED);
    } else {
        log_info("attempt.stale", "job=%s", r->id.job_id);
        run_drop(r);
    }
}

/* ---- Discard */

struct discard {
    struct commit commit;
    struct worker *worker;
    bool answer;
};

static void say_discarded(struct worker *w, struct span key)
{
    link_send(w->link, &(struct wire_message){.kind = WIRE_DISCARDED, .key = {.key = key}});
}

static void on_discarded(struct commit *c)
{
    struct discard *d = LIST_ENTRY(c, struct discard, commit);
    d->worker->discards--;
    if (c->result != ERR_OK) {
        log_warn("discard.failed", "key=%s error=%s", c->key, err_name(c->result));
    } else if (d->answer) {
        say_discarded(d->worker, span_of(c->key));
    }
    free(d);
}

void orders_discard(struct worker *w, struct span key, bool answer)
{
    struct discard *d = NULL;
    bool empty = false;
    const bool known = artifact_key_check(key, &empty) == ERR_OK;
    if (!known) {
        log_warn("discard.strange-key", "key=%.*s", SPAN_ARG(key));
    }
    if (!known || empty) { /* no such thing was ever in this store */
        if (answer) {
            say_discarded(w, key);
        }
        return;
    }
    if (w->discards < WORKER_DISCARDS_MAX) {
        d = calloc(1, sizeof(*d));
    }
    if (d == NULL || span_copy(key, d->commit.key, sizeof(d->commit.key)) != ERR_OK) {
        free(d);
        log_warn("discard.left-out", "key=%.*s", SPAN_ARG(key)); /* a broker asks again later */
        return;
    }
    w->discards++;
    d->worker = w;
    d->answer = answer;
    d->commit.kind = COMMIT_REMOVE;
    d->commit.done = on_discarded;
    file_sink_init(&d->commit.sink);
    committer_put(w->committer, &d->commit);
}

static void on_discard(struct worker *w, const struct wire_message *m, bool credited)
{
    (void)credited;
    orders_discard(w, m->key.key, true);
}

/* ---- Drain */

static void on_drain(struct worker *w, const struct wire_message *m, bool credited)
{
    (void)credited;
    if (w->drained != m->drain.on) {
        w->drained = m->drain.on;
        log_info(w->drained ? "worker.drained" : "worker.in-service", "running=%zu",
                 w->runs.moving_count + w->runs.storing_count);
    }
    link_beat(w->link); /* the broker repeats the order until it has heard that it is so */
}

static void (*const ORDERS[WIRE_KIND_COUNT])(struct worker *w, const struct wire_message *m,
                                             bool credited) = {
    [WIRE_ASSIGN] = on_assign,   [WIRE_ACK] = on_ack,     [WIRE_ABORT] = on_abort,
    [WIRE_DISCARD] = on_discard, [WIRE_DRAIN] = on_drain,
};

void orders_take(void *worker, const struct wire_message *m, bool credited)
{
    if (ORDERS[m->kind] != NULL) {
        ORDERS[m->kind](worker, m, credited);
    }
}
