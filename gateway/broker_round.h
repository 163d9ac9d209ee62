/* Broker round: one question to every broker that is there, for operators.
 *
 * Unlike a call it is asked once and not repeated: the one broker's answer cannot stand for
 * another's. It is over when all have answered, or after ROUND_WAIT_MS with the answers that came.
 *
 * Owner: who starts it gives the storage. Thread: the loop's. */
#ifndef LONGHAUL_GATEWAY_BROKER_ROUND_H
#define LONGHAUL_GATEWAY_BROKER_ROUND_H

#include "base/list.h"
#include "gateway/broker_link.h"

enum { ROUND_WAIT_MS = 1000 }; /* a broker that is not stuck needs a millisecond */

struct broker_round {
    struct list link; /* in the link's rounds while it runs */
    uint64_t id;      /* of its messages' requests */
    uint32_t waiting; /* bit i: broker i has not answered */
    int64_t until_ms;
    /* For each answer; it lives during the callback. */
    void (*answer)(struct broker_round *r, size_t broker, const struct wire_message *m);
    /* Once, from the loop's tick or a broker's message, unless it is canceled: the round may be
     * reused or freed in it. */
    void (*done)(struct broker_round *r);
};

_Static_assert(BROKERS_MAX <= 32, "a bit for each broker");

/* `answer` and `done` are set. Without any broker it is over at the next tick. */
void broker_round_start(struct broker_link *link, struct broker_round *r, struct wire_message m);
void broker_round_cancel(struct broker_round *r); /* nothing happens if it does not run */

/* ---- for broker_link.c */
void broker_rounds_answer(struct broker_link *link, size_t broker, const struct wire_message *m);
void broker_rounds_tick(struct broker_link *link);

#endif
