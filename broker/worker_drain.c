/* Workers out of service by an operator's word.
 *
 *     in service --Drain on--> drained --Drain off--> in service
 *
 * The worker itself keeps the state, since it moves between brokers, and says it in each Hello and
 * Heartbeat; here only the order is kept until a heartbeat agrees, and repeated until then. */
#include "base/log.h"
#include "broker/workers.h"

static void order(struct broker *b, const struct worker *w)
{
    peers_say(
        b->peers, w->peer,
        &(struct wire_message){.kind = WIRE_DRAIN, .drain = {.on = w->ordered == WORKER_TO_DRAIN}});
}

void workers_set_service(struct broker *b, struct worker *w, bool stopping, bool drained)
{
    struct sched *sched = workers_sched(b->workers);
    if (w->ordered != WORKER_AS_IT_IS && drained == (w->ordered == WORKER_TO_DRAIN)) {
        w->ordered = WORKER_AS_IT_IS;
    }
    if (w->ordered != WORKER_AS_IT_IS) {
        order(b, w);
    }
    w->draining = stopping;
    w->drained = w->ordered == WORKER_AS_IT_IS ? drained : w->ordered == WORKER_TO_DRAIN;
    if (stopping || w->drained) {
        sched_close(sched, w->seat);
    } else {
        sched_reopen(sched, w->seat);
    }
}

/* All of that name: a process that was replaced may still be on its way out. */
static bool give_order(struct broker *b, struct span id, bool on)
{
    bool known = false;
    for (unsigned seat = 0; seat < WORKERS_MAX; seat++) {
        struct worker *w = workers_at(b->workers, seat);
        if (!w->used || w->peer == NULL || w->silent || !span_eq(worker_id(w), id)) {
            continue;
        }
        log_info("worker.ordered", "worker=%s drain=%d", w->id, (int)on);
        w->ordered = on ? WORKER_TO_DRAIN : WORKER_TO_SERVE;
        w->drained = on;
        if (on) {
            sched_close(workers_sched(b->workers), w->seat);
        }
        order(b, w);
        known = true;
    }
    return known;
}

void workers_drain(struct broker *b, struct peer *peer, const struct wire_message *m)
{
    const bool known = give_order(b, m->drain_worker.worker_id, m->drain_worker.on);
    peers_say(b->peers, peer,
              &(struct wire_message){.request_id = m->request_id,
                                     .kind = WIRE_DRAIN_REPLY,
                                     .drain_reply = {.known = known}});
}
