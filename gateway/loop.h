/* Loop: one event-loop thread of the gateway and everything that belongs to it.
 *
 * Nothing here is shared with other loops but what `server` has: read-only settings, counters, the
 * table of idempotency keys in flight, the keys of tokens, and the counts of rate limits.
 *
 * Owner: server.c; every field belongs to the loop's own thread. */
#ifndef LONGHAUL_GATEWAY_LOOP_H
#define LONGHAUL_GATEWAY_LOOP_H

#include "base/buf.h"
#include "base/ids.h"
#include "core/link.h"
#include "gateway/broker_link.h"
#include "gateway/exchange.h"
#include "gateway/h2o_loop.h"
#include "gateway/hub.h"
#include "gateway/links.h"
#include "gateway/listener.h"
#include "gateway/options.h"
#include "gateway/survey.h"
#include "ports/redis_conn.h"

#include <stdatomic.h>

struct server;

enum {
    LOOP_TICK_MS = 100,
    LOOP_SOON_MS = 1,
    SCRATCH_MAX = 65536, /* bytes of one rendered reply */
    REDIS_IN_FLIGHT_MAX = 65536,
    REDIS_TIMEOUT_MS = 2000,
    ADMIN_CONNECTIONS_MAX = 64,
    CLOSING_TURNS_MIN = 4, /* libh2o frees closed sockets a turn later */
    CLOSING_TURNS_MAX = 100,
};

/* What a loop has at hand. A gateway is ready when all its loops have all of it: a client's
 * connection may land on any of them. */
enum loop_health { LOOP_HAS_REDIS = 1, LOOP_HAS_BROKER = 2 };

struct gateway_loop {
    struct server *server;
    const struct gateway_config *config;
    struct metrics *counters;
    unsigned index;

    h2o_context_t h2o;
    h2o_timeout_t soon, tick;
    h2o_timeout_entry_t ticker;
    h2o_multithread_receiver_t control; /* told to drain */

    struct listener public, admin; /* admin: the first loop only */
    struct broker_link brokers;
    struct survey survey; /* used where the admin listener is */
    struct redis_conn *redis;
    struct hub hub;
    struct wire_reader *reader;

    struct id_source ids;
    struct buf scratch; /* a reply being rendered */
    struct link_maker links;
    struct list unanswered; /* exchanges */
    struct list transfers;  /* files being sent, the longest stuck first */
    struct list lingers;    /* closing connections, the oldest first */
    size_t lingers_count;
    struct late *late_free;
    size_t late_count;
    size_t lists;            /* pages of job lists being read */
    int64_t idlers_at_ms;    /* next look at who asks for nothing */
    int64_t idlers_ahead_ms; /* of the wall clock at the last one, before the loop's */

    bool draining;
    int64_t drain_until_ms;

    atomic_uint health; /* enum loop_health bits as of the last tick; any thread may read it */
};

struct gateway_loop *loop_of(const h2o_req_t *req);

/* On the thread that will run it. ERR_IO, ERR_NOMEM: the reason was logged; close it anyway. */
MUST_CHECK enum err loop_open(struct gateway_loop *loop, struct server *server, unsigned index);
void loop_run(struct gateway_loop *loop); /* until drained */
void loop_close(struct gateway_loop *loop);

/* From any thread: stop taking work, finish what is there, then loop_run returns. */
void loop_drain(struct gateway_loop *loop);

#endif
