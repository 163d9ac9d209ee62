/* Calls in flight: sent, repeated, answered, given up. */
#include "gateway/broker_calls.h"

#include "base/clock.h"
#include "gateway/counters.h"

#include <assert.h>
#include <stdlib.h>

/* Puts the call into the packet of broker `i` and at the young end of the waiting list. */
static enum err dispatch(struct broker_link *link, struct broker_call *call, size_t i)
{
    struct broker *b = &link->brokers[i];
    TRY(broker_add(b, &call->message));
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
    assert(link != NULL);
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
        link->current = broker_choose(link, link->turn);
        link->turn = link->current == BROKERS_MAX ? link->turn : link->current;
    }
    if (link->current == BROKERS_MAX) {
        return ERR_UNAVAILABLE;
    }
    if (link->free_count <= (call->message.kind == WIRE_SUBMIT ? CALLS_RESERVED : 0)) {
        return ERR_FULL;
    }
    const uint32_t slot = link->free_slots[link->free_count - 1];
    link->generation++;
    call->message.request_id = link->generation * CALLS_MAX + slot;
    call->message.deadline_ms = CALL_DEADLINE_MS;
    call->sends = 0;
    call->started_ms = link->now_ms;
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

/* Sends a call again, at another broker if there is one. Without any it waits on: one may come in
 * time. */
static void repeat(struct broker_link *link, struct broker_call *call)
{
    const size_t next = broker_choose(link, call->broker % BROKERS_MAX);
    if (next != BROKERS_MAX && dispatch(link, call, next) == ERR_OK) {
        metrics_add(link->counters, COUNT_BROKER_REPEATS, 1);
        return;
    }
    call->broker = BROKERS_MAX;
    call->sent_ms = link->now_ms;
    list_remove(&call->by_age);
    list_append(&link->waiting, &call->by_age);
}

void broker_calls_repeat_old(struct broker_link *link)
{
    while (!list_empty(&link->waiting)) {
        struct broker_call *call = LIST_ENTRY(link->waiting.next, struct broker_call, by_age);
        if (link->now_ms - call->sent_ms < CALL_REPEAT_MS) {
            return;
        }
        if (link->now_ms - call->started_ms < CALL_DEADLINE_MS) {
            repeat(link, call);
        } else {
            metrics_add(link->counters, COUNT_BROKER_TIMEOUTS, 1);
            finish(call, ERR_TIMEOUT, NULL);
        }
    }
}

void broker_calls_repeat_at(struct broker_link *link, size_t broker)
{
    struct list again;
    list_init(&again);
    for (struct list *at = link->waiting.next, *next; at != &link->waiting; at = next) {
        const struct broker_call *call = LIST_ENTRY(at, struct broker_call, by_age);
        next = at->next;
        if (call->broker == broker || call->broker == BROKERS_MAX) {
            list_remove(at);
            list_append(&again, at);
        }
    }
    for (struct list *at; (at = list_pop(&again)) != NULL;) {
        repeat(link, LIST_ENTRY(at, struct broker_call, by_age));
    }
}

static bool says_unavailable(const struct wire_message *m)
{
    return (m->kind == WIRE_SUBMIT_REPLY && m->submit_reply.code == SUBMIT_UNAVAILABLE) ||
           (m->kind == WIRE_COMMAND_REPLY && m->command_reply.code == COMMAND_UNAVAILABLE);
}

void broker_calls_answer(struct broker_link *link, size_t broker, const struct wire_message *m)
{
    struct broker_call *call = link->slots[m->request_id % CALLS_MAX];
    if (call == NULL || call->message.request_id != m->request_id) {
        return; /* answered before, or its request is over */
    }
    if (broker != call->broker && says_unavailable(m)) {
        return; /* late, and it knows nothing of what the broker says that was asked since */
    }
    finish(call, ERR_OK, m);
}

enum err broker_calls_open(struct broker_link *link)
{
    link->slots = calloc(CALLS_MAX, sizeof(struct broker_call *));
    link->free_slots = calloc(CALLS_MAX, sizeof(uint32_t));
    list_init(&link->waiting);
    if (link->slots == NULL || link->free_slots == NULL) {
        return ERR_NOMEM;
    }
    while (link->free_count < CALLS_MAX) {
        link->free_slots[link->free_count] = (uint32_t)(CALLS_MAX - 1 - link->free_count);
        link->free_count++;
    }
    return ERR_OK;
}

void broker_calls_close(struct broker_link *link)
{
    while (link->waiting.next != NULL && !list_empty(&link->waiting)) {
        forget(LIST_ENTRY(link->waiting.next, struct broker_call, by_age));
    }
    free(link->slots);
    free(link->free_slots);
    link->slots = NULL;
    link->free_slots = NULL;
}
