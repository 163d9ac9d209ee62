/* Submits: new jobs on their way to Redis, a batch a turn (group commit: while calls are in flight,
 * batches grow). Free credit goes along, so that a job which finds some is running at once. */
#ifndef LONGHAUL_BROKER_SUBMITS_H
#define LONGHAUL_BROKER_SUBMITS_H

#include "broker/broker.h"

enum {
    SUBMITS_MAX = 8192, /* waiting and in flight; more are answered SUBMIT_UNAVAILABLE */
};

MUST_CHECK enum err submits_new(struct broker *b, struct submits **out);
void submits_destroy(struct submits **s);
void submits_take(struct broker *b, struct peer *peer, const struct wire_message *m);
void submits_flush(struct broker *b);
bool submits_in_flight(const struct submits *s); /* a call is */
size_t submits_pending(const struct submits *s);

#endif
