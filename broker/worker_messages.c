#include "broker/workers.h"

#include "base/log.h"
#include "broker/finishes.h"
#include "broker/renewals.h"

#include <inttypes.h>

/* Drops an entry that a newer fence, or Redis, has shown to be stale. */
static void displace(struct broker *b, struct running *r)
{
    workers_abort(b, r, ABORT_STALE);
    finishes_forget(b, r);
    attempts_drop(b->attempts, r);
}

static void refuse(struct broker *b, struct worker *w, const struct attempt *attempt)
{
    peers_say(b->peers, w->peer,
              &(struct wire_message){.kind = WIRE_ABORT,
                                     .abort = {.attempt = *attempt, .reason = ABORT_STALE}});
}

void workers_adopt(struct broker *b, struct worker *w, const struct attempt *attempt)
{
    struct running *r = attempts_get(b->attempts, span_of(attempt->job_id));
    if (r != NULL && r->attempt.fence > attempt->fence) {
        refuse(b, w, attempt);
        return;
    }
    if (r != NULL && r->attempt.fence < attempt->fence) {
        displace(b, r);
        r = NULL;
    }
    if (r == NULL) {
        r = attempts_add(b->attempts, attempt, w, b->now_ms);
        if (r == NULL) {
            return; /* no room: its lease is not renewed here, and the next heartbeat asks again */
        }
    }
    if (r->worker != w || list_empty(&r->by_worker)) {
        workers_link(w, r);
    }
    finishes_recall(b, r);
    r->named_ms = b->now_ms;
    r->counted = false;
    renewals_add(b, r);
}

/* Jobs that were assigned over this very connection and that its Hello, sent before they came,
 * could not name: their slots are taken though the worker still counts them as free. */
static uint64_t count_under_way(struct worker *w, bool same_connection)
{
    uint64_t count = 0;
    for (struct list *link = w->running.next; link != &w->running; link = link->next) {
        struct running *r = LIST_ENTRY(link, struct running, by_worker);
        r->counted = same_connection && r->counted && r->finish == NULL;
        count += r->counted ? 1 : 0;
    }
    return count;
}

static void welcome(struct broker *b, struct peer *peer, uint64_t request_id)
{
    peers_say(b->peers, peer,
              &(struct wire_message){.request_id = request_id,
                                     .kind = WIRE_WELCOME,
                                     .welcome = {.broker_id = span_of(b->id)}});
}

void workers_hello(struct broker *b, struct peer *peer, const struct wire_message *m)
{
    const struct wire_hello *hello = &m->hello;
    struct worker *w = workers_admit(b, hello->worker_id, hello->incarnation);
    uint64_t left_out;
    if (w == NULL) {
        if (log_limit_pass(&b->bad_peers, b->now_ms, &left_out)) {
            log_warn("worker.no_seat", "worker=%.*s left out: %" PRIu64, SPAN_ARG(hello->worker_id),
                     left_out);
        }
        return;
    }
    const bool same_connection = w->peer == peer;
    const bool news = !same_connection || w->silent;
    workers_attach(b, w, peer);
    w->seen_ms = b->now_ms;
    w->silent = false;
    if (span_copy(hello->version, w->version, sizeof w->version) != ERR_OK) {
        w->version[0] = '\0'; /* wire/ has checked: cannot be */
    }
    welcome(b, peer, m->request_id);
    for (size_t i = 0; i < hello->running_count; i++) {
        workers_adopt(b, w, &hello->running[i]);
    }
    sched_join(workers_sched(b->workers), w->seat, hello->slots, hello->granted_total,
               count_under_way(w, same_connection));
    workers_set_service(b, w, false, hello->drained);
    if (news) {
        log_info("worker.joined", "worker=%s slots=%u running=%zu", w->id, hello->slots,
                 hello->running_count);
    }
}

void workers_offer(struct broker *b, struct peer *peer, const struct wire_message *m)
{
    struct worker *w = peer->worker;
    if (w != NULL) {
        sched_offer(workers_sched(b->workers), w->seat, m->offer.granted_total);
    }
}

/* A heartbeat over a connection that said no Hello: after a reconnect the worker does not know yet
 * that it must. What it names shows that it lives. */
static void sign_of_life(struct broker *b, const struct wire_heartbeat *beat)
{
    for (size_t i = 0; i < beat->running_count; i++) {
        const struct running *r = attempts_match(b->attempts, &beat->running[i]);
        if (r != NULL) {
            r->worker->seen_ms = b->now_ms;
        }
    }
}

static void seen(struct broker *b, struct worker *w, const struct wire_heartbeat *beat)
{
    w->seen_ms = b->now_ms;
    workers_set_service(b, w, beat->draining, beat->drained);
    if (w->silent) {
        w->silent = false;
        log_info("worker.heard", "worker=%s", w->id);
    }
}

static void named(struct broker *b, struct worker *w, const struct attempt *attempt)
{
    struct running *r = attempts_match(b->attempts, attempt);
    if (r == NULL || r->worker != w) {
        workers_adopt(b, w, attempt);
        return;
    }
    r->named_ms = b->now_ms;
    finishes_recall(b, r);
    if (r->finish == NULL && (r->renewed_ms == 0 || b->now_ms - r->renewed_ms >= RENEW_EVERY_MS)) {
        renewals_add(b, r);
    }
}

/* What was assigned and is not named any more never arrived, or was forgotten: others may have it.
 */
static void release_unnamed(struct broker *b, struct worker *w)
{
    struct list *link = w->running.next;
    while (link != &w->running) {
        struct running *r = LIST_ENTRY(link, struct running, by_worker);
        link = link->next;
        if (r->finish != NULL || b->now_ms - r->named_ms <= WORKER_HANDOVER_MS) {
            continue;
        }
        log_warn("attempt.not_there", "job=%s worker=%s", r->attempt.job_id, w->id);
        if (r->counted) {
            sched_undo(workers_sched(b->workers), w->seat);
            r->counted = false;
        }
        finishes_own(b, r, RECORD_END_RELEASED);
    }
}

void workers_heartbeat(struct broker *b, struct peer *peer, const struct wire_message *m)
{
    struct worker *w = peer->worker;
    if (w == NULL) {
        sign_of_life(b, &m->heartbeat);
        return;
    }
    seen(b, w, &m->heartbeat);
    for (size_t i = 0; i < m->heartbeat.running_count; i++) {
        named(b, w, &m->heartbeat.running[i]);
    }
    release_unnamed(b, w);
}

static void send_assign(struct broker *b, struct worker *w, const struct wire_assign *assign)
{
    peers_say(b->peers, w->peer, &(struct wire_message){.kind = WIRE_ASSIGN, .assign = *assign});
}

void workers_assign(struct broker *b, unsigned seat, const struct wire_assign *assign)
{
    struct sched *sched = workers_sched(b->workers);
    struct worker *w = workers_at(b->workers, seat);
    struct running *old = attempts_get(b->attempts, span_of(assign->attempt.job_id));
    if (old != NULL) {
        displace(b, old);
    }
    const bool there = w->used && w->peer != NULL && !w->silent && !b->draining;
    struct running *r = there ? attempts_add(b->attempts, &assign->attempt, w, b->now_ms) : NULL;
    if (r == NULL) {
        sched_give_back(sched, seat);
        finishes_release(b, &assign->attempt);
        return;
    }
    workers_link(w, r);
    r->failures = assign->failures;
    r->began_ms = b->now_ms;
    r->counted = true;
    sched_assign(sched, seat);
    send_assign(b, w, assign);
}
