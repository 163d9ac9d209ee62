#include "workers/link.h"

#include "base/log.h"

#include <assert.h>
#include <stdlib.h>

struct broker {
    struct dealer *dealer;
    bool draining; /* said so since our last Hello */
};

struct link {
    struct wire_reader *reader;
    struct link_handler handler;
    void *zmq_context;
    char worker_id[JOB_WORKER_ID_MAX + 1];
    uint64_t incarnation;
    struct broker brokers[LINK_BROKERS_MAX];
    size_t brokers_count, current;
    size_t speaking; /* whose packet is being delivered */
    bool greeted, joined;
    bool complained; /* that no broker answers */
    int64_t now_ms, greeted_ms, alive_ms, beat_ms;
    int64_t stuck_ms; /* since when the current broker takes nothing; 0: it does */
    uint64_t granted_total, assigned_total, offered_total; /* since Hello */
};

enum err link_new(void *zmq_context, const char *worker_id, uint64_t incarnation,
                  const struct link_handler *handler, struct link **out)
{
    struct link *l = calloc(1, sizeof(*l));
    if (l == NULL) {
        return ERR_NOMEM;
    }
    l->zmq_context = zmq_context;
    l->incarnation = incarnation;
    l->handler = *handler;
    enum err err = span_copy(span_of(worker_id), l->worker_id, sizeof(l->worker_id));
    err = err == ERR_OK ? wire_reader_new(&l->reader) : err;
    if (err != ERR_OK) {
        link_destroy(&l);
        return err;
    }
    *out = l;
    return ERR_OK;
}

void link_destroy(struct link **l)
{
    if (*l == NULL) {
        return;
    }
    for (size_t i = 0; i < (*l)->brokers_count; i++) {
        dealer_destroy(&(*l)->brokers[i].dealer);
    }
    if ((*l)->reader != NULL) {
        wire_reader_destroy(&(*l)->reader);
    }
    free(*l);
    *l = NULL;
}

enum err link_add_broker(struct link *l, const char *endpoint)
{
    if (l->brokers_count == LINK_BROKERS_MAX) {
        return ERR_FULL;
    }
    TRY(dealer_new(l->zmq_context, endpoint, &l->brokers[l->brokers_count].dealer));
    l->brokers_count++;
    return ERR_OK;
}

static struct dealer *dealer_now(const struct link *l)
{
    return l->brokers[l->current].dealer;
}

/* ---- what we say */

static void say_hello(struct link *l)
{
    const struct link_state s = l->handler.state(l->handler.context);
    l->greeted = true;
    l->joined = false;
    l->greeted_ms = l->alive_ms = l->now_ms;
    l->stuck_ms = 0;
    l->granted_total = l->offered_total = s.free_slots;
    l->assigned_total = 0;
    l->brokers[l->current].draining = false;
    dealer_add(dealer_now(l), &(struct wire_message){
                                  .kind = WIRE_HELLO,
                                  .hello = {.worker_id = span_of(l->worker_id),
                                            .incarnation = l->incarnation,
                                            .slots = (uint32_t)s.slots,
                                            .granted_total = l->granted_total,
                                            .running = s.running,
                                            .running_count = s.running_count,
                                            .version = SPAN(LONGHAUL_VERSION),
                                            .drained = s.drained},
                              });
}

static void say_offer(struct link *l)
{
    l->offered_total = l->granted_total;
    link_send(l, &(struct wire_message){.kind = WIRE_OFFER,
                                        .offer = {.granted_total = l->granted_total}});
}

void link_beat(struct link *l)
{
    const struct link_state s = l->handler.state(l->handler.context);
    l->beat_ms = l->now_ms + LINK_BEAT_MS;
    link_send(l, &(struct wire_message){.kind = WIRE_HEARTBEAT,
                                        .heartbeat = {.running = s.running,
                                                      .running_count = s.running_count,
                                                      .draining = s.draining,
                                                      .drained = s.drained}});
    say_offer(l); /* cumulative, so a repeat is free and makes good a lost one */
}

void link_send(struct link *l, const struct wire_message *m)
{
    if (l->joined) {
        dealer_add(dealer_now(l), m);
    }
}

/* A slot that became free is one more job the broker may assign. */
static void grant(struct link *l)
{
    const struct link_state s = l->handler.state(l->handler.context);
    const uint64_t credit = l->granted_total - l->assigned_total;
    if (s.free_slots > credit) {
        l->granted_total += s.free_slots - credit;
    }
    if (l->granted_total != l->offered_total) {
        say_offer(l);
    }
}

/* ---- which broker */

static void move_on(struct link *l, const char *why)
{
    if (l->joined || !l->complained) {
        log_warn("broker.left", "endpoint=%s why=%s", dealer_endpoint(dealer_now(l)), why);
    }
    l->complained = true;
    dealer_forget(dealer_now(l));
    l->current = (l->current + 1) % l->brokers_count;
    say_hello(l);
}

/* Until when a Welcome is waited for. A lone broker gets the longer time in any case. */
static int64_t joining_until_ms(const struct link *l)
{
    return l->greeted_ms +
           (l->stuck_ms != 0 && l->brokers_count > 1 ? LINK_UNREACHABLE_MS : LINK_WELCOME_MS);
}

static void turn_joining(struct link *l)
{
    if (l->now_ms >= joining_until_ms(l)) {
        move_on(l, "no welcome");
    }
}

static void turn_joined(struct link *l)
{
    if (l->now_ms - l->alive_ms >= LINK_SILENCE_MS) {
        move_on(l, "silent");
    } else if (l->stuck_ms != 0 && l->now_ms - l->stuck_ms >= LINK_BEAT_MS) {
        move_on(l, "unreachable"); /* the connection is closed and does not come back */
    } else if (l->brokers[l->current].draining && l->brokers_count > 1) {
        move_on(l, "draining");
    } else if (l->now_ms >= l->beat_ms) {
        link_beat(l);
    }
}

void link_turn(struct link *l, int64_t now_ms)
{
    l->now_ms = now_ms;
    if (!l->greeted) {
        say_hello(l);
    } else if (l->joined) {
        turn_joined(l);
    } else {
        turn_joining(l);
    }
}

int64_t link_wait_ms(const struct link *l, int64_t now_ms)
{
    const int64_t at_ms = l->joined ? l->beat_ms : joining_until_ms(l);
    return at_ms > now_ms ? at_ms - now_ms : 0;
}

/* ---- what we hear */

static void on_welcome(struct link *l, const struct wire_message *m)
{
    if (l->speaking != l->current || l->joined) {
        return;
    }
    l->joined = true;
    l->complained = false;
    l->alive_ms = l->now_ms;
    log_info("worker.ready", "endpoint=%s broker=%.*s", dealer_endpoint(dealer_now(l)),
             SPAN_ARG(m->welcome.broker_id));
    link_beat(l);
    l->handler.joined(l->handler.context);
}

static void on_alive(struct link *l, const struct wire_message *m)
{
    l->brokers[l->speaking].draining = m->broker_alive.draining;
}

static void on_assign(struct link *l, const struct wire_message *m)
{
    const bool credited = l->joined && l->speaking == l->current;
    l->assigned_total += credited && l->assigned_total < l->granted_total ? 1 : 0;
    l->handler.message(l->handler.context, m, credited);
}

static void on_other(struct link *l, const struct wire_message *m)
{
    l->handler.message(l->handler.context, m, true);
}

static void (*const HANDLERS[WIRE_KIND_COUNT])(struct link *l, const struct wire_message *m) = {
    [WIRE_WELCOME] = on_welcome, [WIRE_BROKER_ALIVE] = on_alive, [WIRE_ASSIGN] = on_assign,
    [WIRE_ACK] = on_other,       [WIRE_ABORT] = on_other,        [WIRE_DISCARD] = on_other,
    [WIRE_DRAIN] = on_other,
};

static void on_message(void *context, const struct wire_message *m)
{
    struct link *l = context;
    if (l->speaking == l->current) {
        l->alive_ms = l->now_ms; /* any word is a sign of life */
    }
    if (HANDLERS[m->kind] != NULL) {
        HANDLERS[m->kind](l, m);
    }
}

void link_receive(struct link *l, int64_t now_ms)
{
    l->now_ms = now_ms;
    for (l->speaking = 0; l->speaking < l->brokers_count; l->speaking++) {
        dealer_receive(l->brokers[l->speaking].dealer, l->reader, LINK_PACKETS_A_TURN, on_message,
                       l);
    }
}

/* ---- the loop */

size_t link_fds(const struct link *l, int *out, size_t max)
{
    assert(l->brokers_count <= max);
    for (size_t i = 0; i < l->brokers_count; i++) {
        out[i] = dealer_fd(l->brokers[i].dealer);
    }
    return l->brokers_count;
}

bool link_readable(struct link *l)
{
    for (size_t i = 0; i < l->brokers_count; i++) {
        if (dealer_readable(l->brokers[i].dealer)) {
            return true;
        }
    }
    return false;
}

void link_flush(struct link *l)
{
    if (l->joined) {
        grant(l);
    }
    for (size_t i = 0; i < l->brokers_count; i++) {
        dealer_flush(l->brokers[i].dealer);
    }
    if (!dealer_stuck(dealer_now(l))) {
        l->stuck_ms = 0;
    } else if (l->stuck_ms == 0) {
        l->stuck_ms = l->now_ms;
    }
}

bool link_joined(const struct link *l)
{
    return l->joined;
}
