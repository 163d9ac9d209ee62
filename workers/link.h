/* Link: which broker this worker works for, and what it tells it.
 *
 *            Hello                    Welcome
 *     ------------------> JOINING ------------------> JOINED --.
 *          next broker     |   ^                        |      | every second: Heartbeat, Offer
 *          ^---------------'   '------------------------'<-----'
 *           no Welcome          silent 3 s, unreachable, draining
 *
 * Slots are offered to one broker at a time. Credit is cumulative since Hello: the broker may
 * assign granted_total - assigned_total more jobs. Running attempts move along: a Hello names them,
 * work goes on, results are repeated at the new broker.
 *
 * Pure of I/O but for the dealers it owns; the loop's thread only. */
#ifndef LONGHAUL_WORKERS_LINK_H
#define LONGHAUL_WORKERS_LINK_H

#include "base/err.h"
#include "wire/wire.h"
#include "workers/dealer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LINK_BROKERS_MAX = 32,
    LINK_BEAT_MS = 1000,       /* design §3: heartbeats both ways every second */
    LINK_SILENCE_MS = 3000,    /* 3 missed: gone */
    LINK_WELCOME_MS = 1000,    /* a broker that took the Hello has so long for Welcome */
    LINK_UNREACHABLE_MS = 200, /* one that cannot even be sent to, so long */
    LINK_PACKETS_A_TURN = 64,
};

struct link;

/* What the worker says of itself, asked for when it is needed. Arrays live until the next call. */
struct link_state {
    size_t slots, free_slots; /* free_slots 0 while draining or drained */
    const struct attempt *running;
    size_t running_count;
    bool draining; /* told to end */
    bool drained;  /* out of service */
};

struct link_handler {
    void *context;
    struct link_state (*state)(void *context);
    void (*joined)(void *context); /* repeat what was not acknowledged */
    /* ASSIGN (with `credited`: against credit we gave), ACK, ABORT, DISCARD, DRAIN. */
    void (*message)(void *context, const struct wire_message *m, bool credited);
};

MUST_CHECK enum err link_new(void *zmq_context, const char *worker_id, uint64_t incarnation,
                             const struct link_handler *handler, struct link **out);
void link_destroy(struct link **l);
/* Before the first turn. ERR_FULL beyond LINK_BROKERS_MAX. */
MUST_CHECK enum err link_add_broker(struct link *l, const char *endpoint);

size_t link_fds(const struct link *l, int *out, size_t max); /* one for each broker */
bool link_readable(struct link *l);                          /* input waits: do not sleep */
int64_t link_wait_ms(const struct link *l, int64_t now_ms);

void link_receive(struct link *l, int64_t now_ms); /* first in a turn */
void link_turn(struct link *l, int64_t now_ms);    /* heartbeats, moves */
/* Last in a turn: offers what became free, and sends each broker's packet. */
void link_flush(struct link *l);

bool link_joined(const struct link *l);
void link_beat(struct link *l);                               /* a heartbeat now */
void link_send(struct link *l, const struct wire_message *m); /* dropped unless joined */

#endif
