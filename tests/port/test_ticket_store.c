// links: base core ports hiredis
#include "ports/ticket_store.h"

#include "tests/port/redis_fixture.h"

/* Two gateways: a connection each, as a Redis user who may do nothing but this. */
struct world {
    struct server server;
    struct poll_loop loop;
    struct redis_loop redis_loop;
    struct client clients[2];
};

struct outcome {
    size_t answers;
    enum err err;
    char value[64];
};

static const char *const args[] = {
    "--appendonly", "no",      "--user", "gateway", "on", ">secret", "~" TICKET_KEY_PREFIX "*",
    "+set",         "+getdel", NULL};

static void world_start(struct world *w)
{
    server_start(&w->server, args);
    w->redis_loop = loop_init(&w->loop);
    const struct redis_conn_config config = {.socket_path = w->server.socket,
                                             .username = "gateway",
                                             .password = "secret",
                                             .timeout_ms = 5000,
                                             .in_flight_max = 100};
    for (size_t i = 0; i < 2; i++) {
        client_open(&w->clients[i], &w->loop, &w->redis_loop, &config);
        RUN_UNTIL(&w->loop, redis_conn_up(w->clients[i].conn));
    }
}

static void world_stop(struct world *w)
{
    redis_conn_close(&w->clients[0].conn);
    redis_conn_close(&w->clients[1].conn);
    server_stop(&w->server);
}

static void on_put(void *context, enum err err)
{
    struct outcome *o = context;
    o->answers++;
    o->err = err;
}

static void on_taken(void *context, enum err err, struct span value)
{
    struct outcome *o = context;
    o->answers++;
    o->err = err;
    cr_expect_eq(span_copy(value, o->value, sizeof o->value), ERR_OK);
}

static enum err put(struct world *w, struct span hash, struct span value)
{
    struct outcome o = {0};
    cr_assert_eq(ticket_store_put(w->clients[0].conn, hash, value, 30, on_put, &o), ERR_OK);
    RUN_UNTIL(&w->loop, o.answers == 1);
    return o.err;
}

Test(ticket_store, test_take_when_there_is_none_then_not_found)
{
    struct world w;
    struct outcome o = {0};
    world_start(&w);
    cr_assert_eq(ticket_store_take(w.clients[1].conn, SPAN("h"), on_taken, &o), ERR_OK);
    RUN_UNTIL(&w.loop, o.answers == 1);
    cr_expect_eq(o.err, ERR_NOT_FOUND);
    world_stop(&w);
}

Test(ticket_store, test_put_when_the_hash_is_taken_then_exists_and_the_first_stays)
{
    struct world w;
    struct outcome o = {0};
    world_start(&w);
    cr_expect_eq(put(&w, SPAN("h"), SPAN("ualice")), ERR_OK);
    cr_expect_eq(put(&w, SPAN("h"), SPAN("amallory")), ERR_EXISTS);
    cr_assert_eq(ticket_store_take(w.clients[1].conn, SPAN("h"), on_taken, &o), ERR_OK);
    RUN_UNTIL(&w.loop, o.answers == 1);
    cr_expect_str_eq(o.value, "ualice");
    world_stop(&w);
}

Test(ticket_store, test_take_when_many_race_then_exactly_one_gets_it)
{
    struct world w;
    struct outcome o[40] = {0};
    world_start(&w);
    cr_assert_eq(put(&w, SPAN("h"), SPAN("ubob")), ERR_OK);
    for (size_t i = 0; i < 40; i++) {
        cr_assert_eq(ticket_store_take(w.clients[i % 2].conn, SPAN("h"), on_taken, &o[i]), ERR_OK);
    }
    size_t answered = 0, got = 0;
    while (answered < 40) {
        RUN_UNTIL(&w.loop, o[answered].answers == 1);
        got += o[answered].err == ERR_OK ? 1 : 0;
        cr_expect(o[answered].err == ERR_OK || o[answered].err == ERR_NOT_FOUND);
        answered++;
    }
    cr_expect_eq(got, 1);
    world_stop(&w);
}

Test(ticket_store, test_take_when_redis_dies_then_unavailable)
{
    struct world w;
    struct outcome o = {0};
    world_start(&w);
    (void)kill(w.server.pid, SIGSTOP); /* it cannot have answered */
    cr_assert_eq(ticket_store_take(w.clients[0].conn, SPAN("h"), on_taken, &o), ERR_OK);
    server_kill(&w.server);
    RUN_UNTIL(&w.loop, o.answers == 1);
    cr_expect_eq(o.err, ERR_UNAVAILABLE);
    RUN_UNTIL(&w.loop, !redis_conn_up(w.clients[0].conn));
    cr_expect_eq(ticket_store_take(w.clients[0].conn, SPAN("h"), on_taken, &o), ERR_UNAVAILABLE);
    cr_expect_eq(o.answers, 1);
    world_stop(&w);
}

Test(ticket_store, test_put_when_hash_does_not_fit_then_too_large)
{
    struct world w;
    struct outcome o = {0};
    static char longest[TICKET_KEY_MAX + 1];
    memset(longest, 'h', sizeof longest);
    world_start(&w);
    const struct span hash = {longest, sizeof longest};
    cr_expect_eq(ticket_store_put(w.clients[0].conn, hash, SPAN("u1"), 30, on_put, &o),
                 ERR_TOO_LARGE);
    cr_expect_eq(o.answers, 0);
    world_stop(&w);
}
