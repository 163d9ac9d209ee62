#include "broker/broker.h"

#include "base/clock.h"
#include "base/log.h"
#include "broker/commands.h"
#include "broker/finishes.h"
#include "broker/housekeeping.h"
#include "broker/progresses.h"
#include "broker/report.h"
#include "broker/submits.h"
#include "broker/workers.h"

#include <inttypes.h>

struct delivery {
    struct broker *broker;
    struct peer *peer;
};

static void ping(struct broker *b, struct peer *peer, const struct wire_message *m)
{
    const uint64_t credit = sched_credit(workers_sched(b->workers));
    peers_say(b->peers, peer,
              &(struct wire_message){.request_id = m->request_id,
                                     .kind = WIRE_PONG,
                                     .pong = {.broker_id = span_of(b->id),
                                              .credit = (uint32_t)credit,
                                              .ready = b->prepared && !b->draining}});
}

/* Kinds that nobody sends to a broker have no entry and are dropped. */
static void (*const HANDLERS[WIRE_KIND_COUNT])(struct broker *b, struct peer *peer,
                                               const struct wire_message *m) = {
    [WIRE_SUBMIT] = submits_take,
    [WIRE_COMMAND] = commands_take,
    [WIRE_PING] = ping,
    [WIRE_SURVEY] = report_survey,
    [WIRE_DRAIN_WORKER] = workers_drain,
    [WIRE_HELLO] = workers_hello,
    [WIRE_OFFER] = workers_offer,
    [WIRE_HEARTBEAT] = workers_heartbeat,
    [WIRE_PROGRESS] = progresses_take,
    [WIRE_RESULT] = finishes_result,
    [WIRE_DISCARDED] = housekeeping_discarded,
};

static void deliver(void *context, const struct wire_message *m)
{
    const struct delivery *d = context;
    if ((size_t)m->kind < WIRE_KIND_COUNT && HANDLERS[m->kind] != NULL) {
        HANDLERS[m->kind](d->broker, d->peer, m);
    }
}

static void packet(struct broker *b, zmq_msg_t *id, zmq_msg_t *frame)
{
    uint64_t left_out;
    struct peer *peer = peers_of(b->peers, zmq_msg_data(id), zmq_msg_size(id), b->now_ms);
    if (peer == NULL) {
        if (log_limit_pass(&b->bad_peers, b->now_ms, &left_out)) {
            log_warn("peer.refused", "an id of its own, or too many peers; left out: %" PRIu64,
                     left_out);
        }
        return;
    }
    const char *what = "";
    struct delivery d = {.broker = b, .peer = peer};
    const struct span bytes = {zmq_msg_data(frame), zmq_msg_size(frame)};
    const enum err err = wire_read(b->reader, bytes, deliver, &d, &what);
    if (err != ERR_OK && log_limit_pass(&b->bad_peers, b->now_ms, &left_out)) {
        log_warn("packet.refused", "bytes=%zu error=%s: %s; left out: %" PRIu64, bytes.len,
                 err_name(err), what, left_out);
    }
}

/* One message of the ROUTER: id and packet. A message with more or fewer frames is dropped whole.
 */
static bool receive(struct broker *b, void *router, zmq_msg_t *id, zmq_msg_t *frame)
{
    if (zmq_msg_recv(id, router, ZMQ_DONTWAIT) < 0) {
        return false;
    }
    if (!zmq_msg_more(id) || zmq_msg_recv(frame, router, ZMQ_DONTWAIT) < 0) {
        return true;
    }
    if (!zmq_msg_more(frame)) {
        packet(b, id, frame);
        return true;
    }
    while (zmq_msg_more(frame) && zmq_msg_recv(frame, router, ZMQ_DONTWAIT) >= 0) {
    }
    return true;
}

int intake_read(zloop_t *loop, zsock_t *socket, void *broker)
{
    (void)loop;
    struct broker *b = broker;
    void *router = zsock_resolve(socket);
    zmq_msg_t id;
    zmq_msg_t frame;
    (void)zmq_msg_init(&id);
    (void)zmq_msg_init(&frame);
    b->now_ms = clock_mono_ms();
    for (int i = 0; i < BROKER_TURN_PACKETS && receive(b, router, &id, &frame); i++) {
    }
    (void)zmq_msg_close(&id);
    (void)zmq_msg_close(&frame);
    broker_turn_end(b);
    return 0;
}
