// links: gateway support wire core base zmq
/* Calls of a gateway's loop to two brokers, which the test plays: repeats, late and contrary
 * answers, and the end of patience. */
#include "gateway/broker_link.h"
#include "gateway/counters.h"
#include "support/stub_broker.h"

#include "base/clock.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

enum { BROKERS = 2, TURN_MS = 10 };
#define JOB_ID "00123456789abcdefghjkmnpqrs"

static char dir[64];
static char endpoints[BROKERS][96];
static struct stub_broker brokers[BROKERS];
static h2o_globalconf_t h2o_config;
static h2o_context_t h2o;
static h2o_timeout_t soon;
static void *zmq;
static struct metrics *counters;
static struct wire_reader *reader;
static struct broker_link link_;

struct call {
    struct broker_call call;
    unsigned done;
    enum err err;
    enum command_code code;
};

static void on_answer(struct broker_call *call, enum err err, const struct wire_message *answer)
{
    struct call *c = (struct call *)(void *)call;
    c->done++;
    c->err = err;
    c->code = err == ERR_OK ? answer->command_reply.code : COMMAND_CODE_COUNT;
}

/* One turn of everybody; brokers answer pings. */
static void turn(void)
{
    (void)h2o_evloop_run(h2o.loop, TURN_MS);
    for (size_t i = 0; i < BROKERS; i++) {
        stub_listen(&brokers[i], 0);
        while (stub_hear(&brokers[i], WIRE_PING, 0) != NULL) {
            stub_send(&brokers[i],
                      &(struct wire_message){.kind = WIRE_PONG,
                                             .pong = {.broker_id = SPAN("b"), .ready = true}});
        }
    }
}

static void open_world(void)
{
    struct text_list list = {.count = BROKERS};
    (void)snprintf(dir, sizeof(dir), "/tmp/longhaul-calls-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    for (size_t i = 0; i < BROKERS; i++) {
        (void)snprintf(endpoints[i], sizeof(endpoints[i]), "ipc://%s/%zu.sock", dir, i);
        stub_broker_open(&brokers[i], endpoints[i]);
        list.items[i] = endpoints[i];
    }
    h2o_config_init(&h2o_config);
    (void)h2o_config_register_host(&h2o_config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    h2o_context_init(&h2o, h2o_evloop_create(), &h2o_config);
    h2o_timeout_init(h2o.loop, &soon, 1);
    zmq = zmq_ctx_new();
    cr_assert_eq(counters_new(&counters), ERR_OK);
    cr_assert_eq(wire_reader_new(&reader), ERR_OK);
    const struct broker_link_config config = {.context = &h2o,
                                              .soon = &soon,
                                              .zmq = zmq,
                                              .endpoints = &list,
                                              .counters = counters,
                                              .reader = reader};
    cr_assert_eq(broker_link_open(&link_, &config), ERR_OK);
    while (!link_.brokers[0].was_usable || !link_.brokers[1].was_usable) {
        broker_link_tick(&link_, clock_mono_ms());
        turn();
    }
}

static void close_world(void)
{
    broker_link_close(&link_);
    for (size_t i = 0; i < BROKERS; i++) {
        char path[96];
        stub_broker_close(&brokers[i]);
        (void)snprintf(path, sizeof(path), "%s/%zu.sock", dir, i);
        (void)unlink(path);
    }
    (void)rmdir(dir);
}

TestSuite(gateway_calls, .init = open_world, .fini = close_world, .timeout = 60);

static void start(struct call *c)
{
    *c = (struct call){
        .call = {.done = on_answer,
                 .message = {
                     .kind = WIRE_COMMAND,
                     .command = {.kind = COMMAND_RETRY, .job_id = SPAN(JOB_ID), .command_id = 7}}}};
    cr_assert_eq(broker_call_start(&link_, &c->call), ERR_OK);
}

/* The command as this broker got it. */
static struct wire_message heard_by(size_t broker)
{
    const struct wire_message *m = NULL;
    while (m == NULL) {
        turn();
        m = stub_hear(&brokers[broker], WIRE_COMMAND, 0);
    }
    return *m;
}

/* `patience` later than its last sending, the link looks at the call. */
static void let_pass(const struct call *c, int64_t patience_ms)
{
    for (size_t i = 0; i < BROKERS; i++) {
        link_.brokers[i].ponged_ms = c->call.sent_ms + patience_ms; /* both are there */
    }
    broker_link_tick(&link_, c->call.sent_ms + patience_ms);
}

static void answer(size_t broker, const struct wire_message *asked, enum command_code code)
{
    stub_send(&brokers[broker], &(struct wire_message){.request_id = asked->request_id,
                                                       .kind = WIRE_COMMAND_REPLY,
                                                       .command_reply = {.code = code}});
}

static void await(const struct call *c)
{
    while (c->done == 0) {
        turn();
    }
}

/* Everything that this broker sent so far has been taken in, for what it sends next is. */
static void settle(size_t broker)
{
    struct call other;
    start(&other);
    while (other.call.broker != broker) { /* turn about */
        broker_call_cancel(&other.call);
        turn();
        start(&other);
    }
    struct wire_message last = heard_by(broker);
    while (last.request_id != other.call.message.request_id) {
        last = heard_by(broker);
    }
    answer(broker, &last, COMMAND_GONE);
    await(&other);
}

Test(gateway_calls, a_repeat_is_the_same_command_to_another_broker_and_its_answer_counts)
{
    struct call c;
    start(&c);
    const size_t first = c.call.broker, second = 1 - first;
    const struct wire_message one = heard_by(first);
    let_pass(&c, CALL_REPEAT_MS);
    cr_assert_eq(c.call.broker, second);
    const struct wire_message two = heard_by(second);
    cr_assert_eq(one.request_id, two.request_id);
    cr_assert_eq(one.command.command_id, 7);
    cr_assert_eq(two.command.command_id, 7);
    answer(second, &two, COMMAND_DONE);
    await(&c);
    cr_assert_eq(c.code, COMMAND_DONE);
}

Test(gateway_calls, a_late_unavailable_of_the_broker_that_was_asked_before_means_nothing)
{
    struct call c;
    start(&c);
    const size_t first = c.call.broker, second = 1 - first;
    const struct wire_message one = heard_by(first);
    let_pass(&c, CALL_REPEAT_MS);
    const struct wire_message two = heard_by(second);
    answer(first, &one, COMMAND_UNAVAILABLE);
    settle(first);
    cr_assert_eq(c.done, 0, "the other broker may be doing it");
    answer(second, &two, COMMAND_DONE);
    await(&c);
    cr_assert_eq(c.code, COMMAND_DONE);
}

Test(gateway_calls, a_late_answer_that_says_what_was_done_counts_and_the_second_is_not_missed)
{
    struct call c;
    start(&c);
    const size_t first = c.call.broker, second = 1 - first;
    const struct wire_message one = heard_by(first);
    let_pass(&c, CALL_REPEAT_MS);
    const struct wire_message two = heard_by(second);
    answer(first, &one, COMMAND_DONE);
    await(&c);
    cr_assert_eq(c.code, COMMAND_DONE);
    answer(second, &two, COMMAND_ACTIVE);
    settle(second);
    cr_assert_eq(c.done, 1);
}

Test(gateway_calls, unavailable_of_the_broker_that_is_asked_now_is_the_answer)
{
    struct call c;
    start(&c);
    const struct wire_message one = heard_by(c.call.broker);
    answer(c.call.broker, &one, COMMAND_UNAVAILABLE);
    await(&c);
    cr_assert_eq(c.code, COMMAND_UNAVAILABLE);
}

Test(gateway_calls, without_any_answer_it_is_given_up_in_time)
{
    struct call c;
    start(&c);
    const int64_t started_ms = c.call.started_ms;
    int64_t last_ms = started_ms;
    while (c.done == 0) {
        last_ms = c.call.sent_ms + CALL_REPEAT_MS;
        let_pass(&c, CALL_REPEAT_MS);
    }
    cr_assert_eq(c.err, ERR_TIMEOUT);
    cr_assert_eq(c.call.sends, 3);
    cr_assert_leq(last_ms - started_ms, CALL_DEADLINE_MS + CALL_REPEAT_MS);
}

/* Starts calls of that kind until one is refused, for want of a place. */
static size_t start_all(struct call *calls, size_t count, enum wire_kind message)
{
    for (size_t i = 0; i < count; i++) {
        calls[i] = (struct call){.call = {.done = on_answer, .message = {.kind = message}}};
        if (message == WIRE_COMMAND) {
            calls[i].call.message.command.job_id = SPAN(JOB_ID);
        } else {
            calls[i].call.message.submit = (struct wire_submit){.job_id = SPAN(JOB_ID),
                                                                .file_id = 1,
                                                                .timeout_ms = 1,
                                                                .max_attempts = 1,
                                                                .spec = SPAN("x")};
        }
        const enum err e = broker_call_start(&link_, &calls[i].call);
        if (e != ERR_OK) {
            cr_assert_eq(e, ERR_FULL, "%s", err_name(e));
            return i;
        }
    }
    return count;
}

Test(gateway_calls, submits_leave_places_for_commands)
{
    static struct call calls[CALLS_MAX];
    static struct call more[1];
    const size_t submits = start_all(calls, CALLS_MAX, WIRE_SUBMIT);
    cr_assert_eq(submits, CALLS_MAX - CALLS_RESERVED);
    cr_assert_eq(start_all(calls + submits, CALLS_RESERVED, WIRE_COMMAND), CALLS_RESERVED);
    cr_assert_eq(start_all(more, 1, WIRE_COMMAND), 0);
    broker_call_cancel(&calls[0].call);
    cr_assert_eq(start_all(more, 1, WIRE_SUBMIT), 0, "what is free is of the reserve");
    cr_assert_eq(start_all(more, 1, WIRE_COMMAND), 1);
    broker_call_cancel(&more[0].call);
    for (size_t i = 1; i < CALLS_MAX; i++) {
        broker_call_cancel(&calls[i].call);
        cr_assert_eq(calls[i].done, 0);
    }
}
