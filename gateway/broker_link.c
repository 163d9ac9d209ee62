#include "gateway/broker_link.h"

#include "base/clock.h"
#include "base/log.h"
#include "gateway/broker_calls.h"
#include "gateway/broker_round.h"
#include "gateway/counters.h"

#include <inttypes.h>
#include <zmq.h>

static bool usable(const struct broker_link *link, const struct broker *b)
{
    return b->ready && b->ponged_ms != 0 && link->now_ms - b->ponged_ms < BROKER_SILENT_MS;
}

bool broker_link_usable(const struct broker_link *link)
{
    for (size_t i = 0; i < link->brokers_count; i++) {
        if (usable(link, &link->brokers[i])) {
            return true;
        }
    }
    return false;
}

size_t broker_choose(const struct broker_link *link, size_t after)
{
    size_t found = BROKERS_MAX;
    for (size_t step = 1; step <= link->brokers_count; step++) {
        const size_t i = (after + step) % link->brokers_count;
        const struct broker *b = &link->brokers[i];
        if (!usable(link, b)) {
            continue;
        }
        if (b->credit > 0) {
            return i;
        }
        if (found == BROKERS_MAX) {
            found = i;
        }
    }
    return found;
}

static void send_packet(struct broker *b)
{
    if (b->packet.items == 0) {
        return;
    }
    if (zmq_port_send(&b->port, wire_packet_bytes(&b->packet)) != ERR_OK) {
        b->ponged_ms = 0; /* not connected: what was for it is repeated elsewhere */
    }
    wire_packet_reset(&b->packet);
}

static void schedule_flush(struct broker_link *link)
{
    if (!h2o_timeout_is_linked(&link->flush)) {
        h2o_timeout_link(link->context->loop, &link->context->zero_timeout, &link->flush);
    }
}

static void on_flush(h2o_timeout_entry_t *entry)
{
    struct broker_link *link = OWNER_OF(struct broker_link, flush, entry);
    link->current = BROKERS_MAX;
    for (size_t i = 0; i < link->brokers_count; i++) {
        struct broker *b = &link->brokers[i];
        if (b->packet.items > 0) {
            send_packet(b);
            zmq_port_recheck(&b->port);
        }
    }
}

enum err broker_add(struct broker *b, const struct wire_message *m)
{
    enum err e = wire_add(&b->packet, m);
    if (e == ERR_FULL) {
        send_packet(b);
        e = wire_add(&b->packet, m);
    }
    schedule_flush(b->link);
    return e;
}

static void ping(struct broker *b)
{
    const struct wire_message m = {.kind = WIRE_PING};
    if (broker_add(b, &m) != ERR_OK) {
        log_warn("broker.ping", "no memory");
    }
}

static void notice_change(struct broker_link *link, size_t i)
{
    struct broker *b = &link->brokers[i];
    const bool now_usable = usable(link, b);
    if (now_usable == b->was_usable) {
        return;
    }
    b->was_usable = now_usable;
    log_info(now_usable ? "broker.usable" : "broker.silent", "broker=%zu", i);
    /* One that drains still answers what it has. */
    if (now_usable || link->now_ms - b->ponged_ms >= BROKER_SILENT_MS) {
        broker_calls_repeat_at(link, i);
    }
}

void broker_link_tick(struct broker_link *link, int64_t now_ms)
{
    link->now_ms = now_ms;
    for (size_t i = 0; i < link->brokers_count; i++) {
        notice_change(link, i);
    }
    broker_calls_repeat_old(link);
    broker_rounds_tick(link);
    const bool due = now_ms - link->pinged_ms >= PING_EVERY_MS;
    for (size_t i = 0; i < link->brokers_count; i++) {
        if (due || !link->brokers[i].was_usable) {
            ping(&link->brokers[i]);
        }
    }
    if (due) {
        link->pinged_ms = now_ms;
    }
}

static void on_pong(struct broker *b, const struct wire_pong *pong)
{
    b->link->now_ms = clock_mono_ms();
    b->ponged_ms = b->link->now_ms;
    b->ready = pong->ready;
    b->credit = pong->credit;
    notice_change(b->link, (size_t)(b - b->link->brokers));
}

static void on_message(void *context, const struct wire_message *m)
{
    struct broker *b = context;
    if (m->kind == WIRE_PONG) {
        on_pong(b, &m->pong);
        return;
    }
    const size_t broker = (size_t)(b - b->link->brokers);
    if (m->kind == WIRE_REPORT || m->kind == WIRE_DRAIN_REPLY) {
        broker_rounds_answer(b->link, broker, m);
    } else if (m->kind == WIRE_SUBMIT_REPLY || m->kind == WIRE_COMMAND_REPLY) {
        broker_calls_answer(b->link, broker, m);
    }
}

static void on_frame(void *context, struct span frame)
{
    struct broker *b = context;
    const char *what = NULL;
    if (wire_read(b->link->reader, frame, on_message, b, &what) != ERR_OK) {
        metrics_add(b->link->counters, COUNT_BROKER_PACKETS_BAD, 1);
        uint64_t left_out;
        if (log_limit_pass(&b->link->bad_packets, clock_mono_ms(), &left_out)) {
            log_warn("broker.bad_packet", "%s; left out: %" PRIu64,
                     what != NULL ? what : "no memory", left_out);
        }
    }
}

static enum err open_broker(struct broker_link *link, const struct broker_link_config *config,
                            size_t i)
{
    struct broker *b = &link->brokers[i];
    b->link = link;
    wire_packet_init(&b->packet);
    const struct zmq_port_config port = {
        .zmq = config->zmq,
        .type = ZMQ_DEALER,
        .parts = 1,
        .endpoints = &config->endpoints->items[i],
        .endpoints_count = 1,
        .on_frame = on_frame,
        .context = b,
    };
    TRY(zmq_port_open(&b->port, &port, config->context->loop, config->soon));
    link->brokers_count = i + 1;
    ping(b);
    return ERR_OK;
}

enum err broker_link_open(struct broker_link *link, const struct broker_link_config *config)
{
    *link = (struct broker_link){
        .context = config->context,
        .counters = config->counters,
        .reader = config->reader,
        .flush.cb = on_flush,
        .current = BROKERS_MAX,
        .now_ms = clock_mono_ms(),
    };
    list_init(&link->rounds);
    TRY(broker_calls_open(link));
    for (size_t i = 0; i < config->endpoints->count; i++) {
        TRY(open_broker(link, config, i));
    }
    return ERR_OK;
}

void broker_link_close(struct broker_link *link)
{
    broker_calls_close(link);
    for (size_t i = 0; i < link->brokers_count; i++) {
        zmq_port_close(&link->brokers[i].port);
        wire_packet_clear(&link->brokers[i].packet);
    }
    if (link->flush.cb != NULL && h2o_timeout_is_linked(&link->flush)) {
        h2o_timeout_unlink(&link->flush);
    }
    link->brokers_count = 0;
}
