#include "gateway/broker_link.h"

#include "base/clock.h"
#include "base/log.h"
#include "gateway/counters.h"

#include <assert.h>
#include <stdlib.h>
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

/* The next usable broker after `after`, one with free slots if there is one; BROKERS_MAX: none. */
static size_t choose(const struct broker_link *link, size_t after)
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
    struct broker_link *link = H2O_STRUCT_FROM_MEMBER(struct broker_link, flush, entry);
    link->current = BROKERS_MAX;
    for (size_t i = 0; i < link->brokers_count; i++) {
        struct broker *b = &link->brokers[i];
        if (b->packet.items > 0) {
            send_packet(b);
            zmq_port_recheck(&b->port);
        }
    }
}

static enum err add(struct broker *b, const struct wire_message *m)
{
    enum err e = wire_add(&b->packet, m);
    if (e == ERR_FULL) {
        send_packet(b);
        e = wire_add(&b->packet, m);
    }
    schedule_flush(b->link);
    return e;
}

/* Puts the call into the packet of broker `i` and at the young end of the waiting list. */
static enum err dispatch(struct broker_link *link, struct broker_call *call, size_t i)
{
    struct broker *b = &link->brokers[i];
    TRY(add(b, &call->message));
    if (call->message.kind == WIRE_SUBMIT && b->credit > 0) {
        b->credit--;
    }
    call->broker = i;
    call->sent_ms = link->now_ms;
    call->sends++;
    list_remove(&call->by_age);
    list_append(&link->waiting, &call->by_age);
    return ERR_OK;
}

static void forget(struct broker_call *call)
{
    struct broker_link *link = call->link;
    const uint32_t slot = (uint32_t)(call->message.request_id % CALLS_MAX);
    list_remove(&call->by_age);
    assert(link->slots[slot] == call);
    link->slots[slot] = NULL;
    link->free_slots[link->free_count++] = slot;
    call->link = NULL;
    metrics_add(link->counters, COUNT_IN_FLIGHT, -1);
}

static void finish(struct broker_call *call, enum err err, const struct wire_message *answer)
{
    forget(call);
    call->done(call, err, answer);
}

enum err broker_call_start(struct broker_link *link, struct broker_call *call)
{
    link->now_ms = clock_mono_ms();
    if (link->current == BROKERS_MAX) {
        link->current = choose(link, link->turn);
        link->turn = link->current == BROKERS_MAX ? link->turn : link->current;
    }
    if (link->current == BROKERS_MAX) {
        return ERR_UNAVAILABLE;
    }
    if (link->free_count == 0) {
        return ERR_FULL;
    }
    const uint32_t slot = link->free_slots[link->free_count - 1];
    link->generation++;
    call->message.request_id = link->generation * CALLS_MAX + slot;
    call->message.deadline_ms = CALL_REPEAT_MS * CALL_SENDS_MAX;
    call->sends = 0;
    list_init(&call->by_age);
    TRY(dispatch(link, call, link->current));
    link->free_count--;
    link->slots[slot] = call;
    call->link = link;
    metrics_add(link->counters, COUNT_IN_FLIGHT, 1);
    return ERR_OK;
}

void broker_call_cancel(struct broker_call *call)
{
    if (call->link != NULL) {
        forget(call);
    }
}

/* Sends a call again, at another broker if there is one. */
static void repeat(struct broker_link *link, struct broker_call *call)
{
    const size_t next = choose(link, call->broker);
    if (call->sends >= CALL_SENDS_MAX || next == BROKERS_MAX ||
        dispatch(link, call, next) != ERR_OK) {
        metrics_add(link->counters, COUNT_BROKER_TIMEOUTS, 1);
        finish(call, ERR_TIMEOUT, NULL);
        return;
    }
    metrics_add(link->counters, COUNT_BROKER_REPEATS, 1);
}

static void repeat_old(struct broker_link *link)
{
    while (!list_empty(&link->waiting)) {
        struct broker_call *call = LIST_ENTRY(link->waiting.next, struct broker_call, by_age);
        if (link->now_ms - call->sent_ms < CALL_REPEAT_MS) {
            return;
        }
        repeat(link, call);
    }
}

/* A broker went silent: what waits for it need not wait for its time. */
static void repeat_all_of(struct broker_link *link, size_t broker)
{
    if (!broker_link_usable(link)) {
        return; /* it may come back before the calls' time is over */
    }
    struct list old;
    list_init(&old);
    for (struct list *at; (at = list_pop(&link->waiting)) != NULL;) {
        list_append(&old, at);
    }
    for (struct list *at; (at = list_pop(&old)) != NULL;) {
        struct broker_call *call = LIST_ENTRY(at, struct broker_call, by_age);
        list_append(&link->waiting, &call->by_age);
        if (call->broker == broker) {
            repeat(link, call);
        }
    }
}

static void ping(struct broker *b)
{
    const struct wire_message m = {.kind = WIRE_PING};
    if (add(b, &m) != ERR_OK) {
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
    if (!now_usable && b->ponged_ms + BROKER_SILENT_MS <= link->now_ms) {
        repeat_all_of(link, i);
    }
}

void broker_link_tick(struct broker_link *link, int64_t now_ms)
{
    link->now_ms = now_ms;
    for (size_t i = 0; i < link->brokers_count; i++) {
        notice_change(link, i);
    }
    repeat_old(link);
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
    if (m->kind != WIRE_SUBMIT_REPLY && m->kind != WIRE_COMMAND_REPLY) {
        return;
    }
    struct broker_call *call = b->link->slots[m->request_id % CALLS_MAX];
    if (call != NULL && call->message.request_id == m->request_id) {
        finish(call, ERR_OK, m);
    }
}

static void on_frame(void *context, struct span frame)
{
    struct broker *b = context;
    const char *what = NULL;
    if (wire_read(b->link->reader, frame, on_message, b, &what) != ERR_OK) {
        metrics_add(b->link->counters, COUNT_BROKER_PACKETS_BAD, 1);
        log_warn("broker.bad_packet", "%s", what != NULL ? what : "no memory");
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
        .slots = calloc(CALLS_MAX, sizeof(struct broker_call *)),
        .free_slots = calloc(CALLS_MAX, sizeof(uint32_t)),
        .flush.cb = on_flush,
        .current = BROKERS_MAX,
        .now_ms = clock_mono_ms(),
    };
    list_init(&link->waiting);
    if (link->slots == NULL || link->free_slots == NULL) {
        return ERR_NOMEM;
    }
    while (link->free_count < CALLS_MAX) {
        link->free_slots[link->free_count] = (uint32_t)(CALLS_MAX - 1 - link->free_count);
        link->free_count++;
    }
    for (size_t i = 0; i < config->endpoints->count; i++) {
        TRY(open_broker(link, config, i));
    }
    return ERR_OK;
}

void broker_link_close(struct broker_link *link)
{
    while (link->waiting.next != NULL && !list_empty(&link->waiting)) {
        forget(LIST_ENTRY(link->waiting.next, struct broker_call, by_age));
    }
    for (size_t i = 0; i < link->brokers_count; i++) {
        zmq_port_close(&link->brokers[i].port);
        wire_packet_clear(&link->brokers[i].packet);
    }
    if (link->flush.cb != NULL && h2o_timeout_is_linked(&link->flush)) {
        h2o_timeout_unlink(&link->flush);
    }
    free(link->slots);
    free(link->free_slots);
    link->slots = NULL;
    link->free_slots = NULL;
    link->brokers_count = 0;
}
