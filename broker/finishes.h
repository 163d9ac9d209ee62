/* Finishes: ends of attempts on their way to Redis, a batch a turn.
 *
 * An end is a worker's Result, acknowledged once it is recorded, or the broker's own verdict (LOST,
 * RELEASED). A Result that could not be recorded is dropped without an acknowledgement: its worker
 * repeats it. The broker's own ends are tried again until Redis answers. */
#ifndef LONGHAUL_BROKER_FINISHES_H
#define LONGHAUL_BROKER_FINISHES_H

#include "broker/attempts.h"
#include "broker/broker.h"

enum {
    FINISHES_MAX = 16384, /* waiting and in flight; a Result over it is repeated by its worker */
};

MUST_CHECK enum err finishes_new(struct broker *b, struct finishes **out);
void finishes_destroy(struct finishes **f);

/* A worker's Result; `m` is WIRE_RESULT. */
void finishes_result(struct broker *b, struct peer *peer, const struct wire_message *m);
/* The broker's verdict on an attempt that it keeps. */
void finishes_own(struct broker *b, struct running *r, enum record_end end);
/* Hands back an attempt that no worker has. */
void finishes_release(struct broker *b, const struct attempt *attempt);
/* The worker is there after all: takes back a verdict that has not left yet. */
void finishes_recall(struct broker *b, struct running *r);
/* `r` is about to be dropped. */
void finishes_forget(struct broker *b, struct running *r);

void finishes_flush(struct broker *b);
void finishes_retry(struct broker *b);             /* each second: what Redis did not take */
bool finishes_in_flight(const struct finishes *f); /* a call is */
size_t finishes_pending(const struct finishes *f); /* waiting and in flight */

#endif
