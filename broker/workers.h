/* Workers: who offers slots, what each of them runs, and what follows from its silence.
 *
 *     (none) --Hello--> present <--heartbeat-- silent
 *                         |   \--- 3 s silent --> ^ |
 *            unreachable  |      (attempts lost)    | unreachable, or 60 s
 *                         v                         v
 *                       away --3 s silent--------> (none)
 *                         ^--Hello, same incarnation: present again, attempts adopted
 *
 * A worker is known by its id and incarnation; a new connection of the same incarnation replaces
 * the old one. Its attempts are given up as lost 3 s after its last sign of life, whatever happened
 * to its connection: in that time it may come back, or be at another broker (then this broker is no
 * longer the keeper in Redis, and the loss is refused there). */
#ifndef LONGHAUL_BROKER_WORKERS_H
#define LONGHAUL_BROKER_WORKERS_H

#include "broker/attempts.h"
#include "broker/broker.h"
#include "core/sched.h"

enum {
    WORKERS_MAX = SCHED_SEATS_MAX,
    WORKER_SILENT_MS = 3000,   /* three heartbeats */
    WORKER_FORGET_MS = 60000,  /* a silent worker whose connection stays open */
    WORKER_HANDOVER_MS = 3000, /* an attempt that heartbeats do not name for so long is not there */
    WORKERS_STALL_MS = 1000,   /* this broker itself stood still: nobody's silence counts */
};

/* What an operator wants of a worker that has not said yet that it is so. */
enum worker_order { WORKER_AS_IT_IS, WORKER_TO_DRAIN, WORKER_TO_SERVE };

struct worker {
    struct list link; /* in workers' list, or free */
    unsigned seat;    /* in sched */
    bool used;
    char id[JOB_WORKER_ID_MAX + 1];
    uint64_t incarnation;
    struct peer *peer;   /* NULL: away */
    struct list running; /* struct running */
    int64_t seen_ms;
    bool silent;
    bool draining; /* it was told to end */
    bool drained;  /* an operator took it out of service */
    enum worker_order ordered;
    char version[WIRE_VERSION_MAX + 1];
};

MUST_CHECK enum err workers_new(struct workers **out);
void workers_destroy(struct workers **w);

struct sched *workers_sched(struct workers *w);
struct worker *workers_at(struct workers *w, unsigned seat);
struct span worker_id(const struct worker *w);

/* worker_messages.c: what a worker says */
void workers_hello(struct broker *b, struct peer *peer, const struct wire_message *m);
void workers_offer(struct broker *b, struct peer *peer, const struct wire_message *m);
void workers_heartbeat(struct broker *b, struct peer *peer, const struct wire_message *m);

/* worker_drain.c: an operator's word, and what a worker says of itself */
void workers_drain(struct broker *b, struct peer *peer, const struct wire_message *m);
void workers_set_service(struct broker *b, struct worker *w, bool stopping, bool drained);

/* The worker of this id and incarnation; a new one when it is not known. NULL: no seat is free. */
struct worker *workers_admit(struct broker *b, struct span id, uint64_t incarnation);
void workers_attach(struct broker *b, struct worker *w, struct peer *peer);
/* Keeps an attempt that a worker says it runs, and renews its lease at once. */
void workers_adopt(struct broker *b, struct worker *w, const struct attempt *attempt);
void workers_link(struct worker *w, struct running *r);

void workers_peer_gone(struct broker *b, struct peer *peer);
/* Every BROKER_BEAT_MS x 5: gives up what silent workers ran, forgets who does not come back. */
void workers_check(struct broker *b);
void workers_alive(struct broker *b); /* BrokerAlive to all; finds closed connections */
void workers_abort(struct broker *b, const struct running *r, enum abort_reason reason);
bool workers_any(const struct broker *b); /* is one there that could delete an artifact? */
/* Asks any worker, in turn, to delete an artifact. False: none is there. */
bool workers_discard(struct broker *b, struct span key);

/* A job was claimed for the reservation on `seat`: tells its worker, or gives the job back when
 * the worker went meanwhile. */
void workers_assign(struct broker *b, unsigned seat, const struct wire_assign *assign);

#endif
