/* Broker: takes jobs from gateways, hands them to workers that have free slots, relays progress.
 *
 *     gateways --Submit, Command, Ping--> ROUTER --> submits, commands ---.
 *     workers  --Hello, Offer, Result---> ROUTER --> workers, finishes ---+--> records (Redis)
 *                                                                         |        |
 *     peers (one packet each) <-- replies, Assign, Ack, Abort <-----------'--------'
 *     events (XPUB) <--------- what was recorded <--------------------------------'
 *
 * One thread, one loop. A turn reads what has come (at most BROKER_TURN_PACKETS), collects it in
 * the modules below, and ends with broker_turn_end: as few calls to Redis as possible, then one
 * packet for each peer that is to be told something. A reply of Redis makes a turn of its own.
 *
 * All state here is soft: killed at any moment, a broker loses nothing that was acknowledged. */
#ifndef LONGHAUL_BROKER_BROKER_H
#define LONGHAUL_BROKER_BROKER_H

#include "base/ids.h"
#include "base/log_limit.h"
#include "broker/options.h"
#include "broker/peers.h"
#include "broker/redis_loop.h"
#include "ports/records.h"
#include "wire/wire.h"

#include "broker/zeromq.h"

enum {
    BROKER_TURN_PACKETS = 256, /* read in one turn, so that Redis and timers get theirs */
    BROKER_BEAT_MS = 50,       /* the clock of everything periodic */
    BROKER_DRAIN_MS = 3000,    /* what SIGTERM waits for calls in flight */
    BROKER_REDIS_TIMEOUT_MS = 5000,
    BROKER_REDIS_IN_FLIGHT_MAX = 4096,
};

struct attempts;
struct workers;
struct events;
struct submits;
struct claims;
struct finishes;
struct renewals;
struct progresses;
struct commands;
struct housekeeping;
struct report;

struct broker {
    const struct broker_options *options; /* borrowed */
    char id[JOB_WORKER_ID_MAX + 1];
    int64_t now_ms; /* monotonic; read once a turn */
    struct id_source random;

    zloop_t *loop;
    zsock_t *requests, *publisher;
    int signals_fd; /* borrowed */
    struct wire_reader *reader;
    struct peers *peers;

    struct redis_loop_czmq redis_loop;
    struct redis_conn *redis; /* commands */
    struct redis_conn *wake;  /* subscribed to records_channel */
    struct log_limit bad_peers;
    struct records *records;
    bool prepared;  /* Redis is up, is what was declared, and has our functions */
    bool preparing; /* records_prepare is under way */
    bool was_prepared;
    bool told_unready;     /* that Redis answers and is not ready yet */
    int64_t prepare_at_ms; /* try again then */

    bool draining;
    int64_t drain_until_ms;
    int exit_status;

    struct attempts *attempts;
    struct workers *workers;
    struct events *events;
    struct submits *submits;
    struct claims *claims;
    struct finishes *finishes;
    struct renewals *renewals;
    struct progresses *progresses;
    struct commands *commands;
    struct housekeeping *housekeeping;
    struct report *report;
};

/* `signals_fd` from signals_open. ERR_IO: an endpoint cannot be bound (logged). */
MUST_CHECK enum err broker_new(const struct broker_options *options, int signals_fd,
                               struct broker **out);
void broker_destroy(struct broker **b);
int broker_run(struct broker *b); /* the exit status */

/* Ends a turn: calls to Redis, packets to peers, interests of the loop. */
void broker_turn_end(struct broker *b);
void broker_stop(struct broker *b, int exit_status);

/* store.c: the two connections to Redis. */
MUST_CHECK enum err store_open(struct broker *b);
void store_close(struct broker *b);
void store_beat(struct broker *b);

/* intake.c: from the ROUTER to the modules. */
int intake_read(zloop_t *loop, zsock_t *socket, void *broker);

#endif
