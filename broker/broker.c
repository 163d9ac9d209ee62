#include "broker/broker.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/signals.h"
#include "broker/claims.h"
#include "broker/commands.h"
#include "broker/events.h"
#include "broker/finishes.h"
#include "broker/housekeeping.h"
#include "broker/progresses.h"
#include "broker/renewals.h"
#include "broker/report.h"
#include "broker/sockets.h"
#include "broker/submits.h"
#include "broker/workers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_peer_gone(void *context, struct peer *peer)
{
    workers_peer_gone(context, peer);
}

static void turn_end(void *context)
{
    broker_turn_end(context);
}

static void name_broker(struct broker *b)
{
    if (b->options->broker_id != NULL) {
        (void)snprintf(b->id, sizeof b->id, "%s", b->options->broker_id);
        return;
    }
    unsigned char random[6];
    char hex[2 * sizeof random + 1];
    id_source_bytes(&b->random, random, sizeof random);
    hex_encode(random, sizeof random, hex);
    (void)snprintf(b->id, sizeof b->id, "broker-%s", hex);
}

static enum err open_modules(struct broker *b)
{
    TRY(wire_reader_new(&b->reader));
    TRY(peers_new(zsock_resolve(b->requests), on_peer_gone, b, &b->peers));
    TRY(events_new(zsock_resolve(b->publisher), b->id, &b->events));
    TRY(attempts_new(&b->attempts));
    TRY(workers_new(&b->workers));
    TRY(claims_new(b, &b->claims));
    TRY(submits_new(b, &b->submits));
    TRY(finishes_new(b, &b->finishes));
    TRY(renewals_new(b, &b->renewals));
    TRY(progresses_new(b, &b->progresses));
    TRY(commands_new(&b->commands));
    TRY(housekeeping_new(b, &b->housekeeping));
    TRY(report_new(b, &b->report));
    return store_open(b);
}

static enum err open_all(struct broker *b)
{
    id_source_init(&b->random);
    name_broker(b);
    b->loop = zloop_new();
    if (b->loop == NULL) {
        return ERR_NOMEM;
    }
    redis_loop_init(&b->redis_loop, b->loop, turn_end, b);
    TRY(sockets_bind_requests(b->options->bind_requests, &b->requests));
    TRY(sockets_bind_events(b->options->bind_events, &b->publisher));
    return open_modules(b);
}

enum err broker_new(const struct broker_options *options, int signals_fd, struct broker **out)
{
    struct broker *b = calloc(1, sizeof *b);
    if (b == NULL) {
        return ERR_NOMEM;
    }
    b->options = options;
    b->signals_fd = signals_fd;
    b->now_ms = clock_mono_ms();
    const enum err err = open_all(b);
    if (err != ERR_OK) {
        broker_destroy(&b);
        return err;
    }
    *out = b;
    return ERR_OK;
}

void broker_destroy(struct broker **broker)
{
    struct broker *b = *broker;
    if (b == NULL) {
        return;
    }
    store_close(b); /* first: what is in flight calls back into the modules */
    if (b->peers != NULL) {
        peers_flush(b->peers);
    }
    report_destroy(&b->report);
    housekeeping_destroy(&b->housekeeping);
    commands_destroy(&b->commands);
    progresses_destroy(&b->progresses);
    renewals_destroy(&b->renewals);
    finishes_destroy(&b->finishes);
    submits_destroy(&b->submits);
    claims_destroy(&b->claims);
    workers_destroy(&b->workers);
    attempts_destroy(&b->attempts);
    events_destroy(&b->events);
    peers_destroy(&b->peers);
    wire_reader_destroy(&b->reader);
    zloop_destroy(&b->loop);
    zsock_destroy(&b->publisher);
    zsock_destroy(&b->requests);
    free(b);
    *broker = NULL;
}

/* The three calls that every job needs share one pipeline: while one is in flight the others
 * collect too, so that under load one write, one fsync and one reply serve all that has come
 * meanwhile. Ends first, since they free seats; then those who wait; then, with the seats that are
 * left, those who are new. */
static void calls_flush(struct broker *b)
{
    if (finishes_in_flight(b->finishes) || claims_in_flight(b->claims) ||
        submits_in_flight(b->submits)) {
        return;
    }
    finishes_flush(b);
    claims_flush(b);
    submits_flush(b);
}

void broker_turn_end(struct broker *b)
{
    calls_flush(b);
    renewals_flush(b);
    progresses_flush(b);
    housekeeping_flush(b);
    redis_loop_flush(&b->redis_loop);
    peers_flush(b->peers);
}

void broker_stop(struct broker *b, int exit_status)
{
    b->exit_status = exit_status;
    b->draining = true;
    b->drain_until_ms = b->now_ms;
}

static size_t calls_pending(const struct broker *b)
{
    return submits_pending(b->submits) + finishes_pending(b->finishes) +
           claims_in_flight(b->claims) + renewals_in_flight(b->renewals) +
           progresses_in_flight(b->progresses) + commands_in_flight(b->commands);
}

static int on_beat(zloop_t *loop, int timer_id, void *broker)
{
    (void)loop;
    (void)timer_id;
    struct broker *b = broker;
    b->now_ms = clock_mono_ms();
    store_beat(b);
    housekeeping_run(b);
    broker_turn_end(b);
    const bool done = b->now_ms >= b->drain_until_ms || calls_pending(b) == 0;
    return b->draining && done ? -1 : 0;
}

static int on_subscriptions(zloop_t *loop, zsock_t *socket, void *broker)
{
    (void)loop;
    (void)socket;
    struct broker *b = broker;
    events_read(b->events, BROKER_TURN_PACKETS);
    return 0;
}

static int on_signal(zloop_t *loop, zmq_pollitem_t *item, void *broker)
{
    (void)loop;
    struct broker *b = broker;
    int signal_number;
    while ((signal_number = signals_next(item->fd)) != 0) {
        if (signal_number == SIGHUP) {
            continue;
        }
        b->now_ms = clock_mono_ms();
        log_info("broker.draining", "signal=%d", signal_number);
        /* A second one does not wait. */
        b->drain_until_ms = b->now_ms + (b->draining ? 0 : BROKER_DRAIN_MS);
        b->draining = true;
        workers_alive(b);
        broker_turn_end(b);
    }
    return 0;
}

int broker_run(struct broker *b)
{
    zmq_pollitem_t signals = {.socket = NULL, .fd = b->signals_fd, .events = ZMQ_POLLIN};
    zloop_set_nonstop(b->loop, true);
    if (zloop_reader(b->loop, b->requests, intake_read, b) != 0 ||
        zloop_reader(b->loop, b->publisher, on_subscriptions, b) != 0 ||
        zloop_poller(b->loop, &signals, on_signal, b) != 0 ||
        zloop_timer(b->loop, BROKER_BEAT_MS, 0, on_beat, b) < 0) {
        log_error("broker.loop", NULL);
        return 1;
    }
    zloop_reader_set_tolerant(b->loop, b->requests);
    zloop_reader_set_tolerant(b->loop, b->publisher);
    b->now_ms = clock_mono_ms();
    store_beat(b);
    broker_turn_end(b);
    while (zloop_start(b->loop) == 0) { /* 0: a poll was interrupted; -1: a handler ended it */
    }
    log_info("broker.stopped", NULL);
    return b->exit_status;
}
