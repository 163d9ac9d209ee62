/* Housekeeping: what happens by the clock. A table of duties, looked at every BROKER_BEAT_MS. */
#ifndef LONGHAUL_BROKER_HOUSEKEEPING_H
#define LONGHAUL_BROKER_HOUSEKEEPING_H

#include "broker/broker.h"

enum {
    TICK_EVERY_MS = 250,   /* records_tick: promote, reap, publish */
    ALIVE_EVERY_MS = 1000, /* BrokerAlive */
    CLAIM_EVERY_MS = 1000, /* in case every hint was lost */
    EXPIRE_EVERY_MS = 5000,
    EXPIRE_MORE_MS = 50,    /* while more is due: 4000 a second, and room for other calls */
    EXPIRE_IDLE_TURNS = 12, /* without a worker only each twelfth: see expire() */
    AUDIT_EVERY_MS = 10000,
    SWEEP_EVERY_MS = 10000, /* idle peers */
    DISCARDED_MAX = 256,    /* keys reported gone and not yet told to Redis */
};

MUST_CHECK enum err housekeeping_new(struct broker *b, struct housekeeping **out);
void housekeeping_destroy(struct housekeeping **h);
void housekeeping_run(struct broker *b);
/* A delayed job is due then: tick at that time, not at the next quarter second. */
void housekeeping_due(struct broker *b, int64_t at_ms);
/* A worker says that an artifact is gone. */
void housekeeping_discarded(struct broker *b, struct peer *peer, const struct wire_message *m);
void housekeeping_flush(struct broker *b);

#endif
