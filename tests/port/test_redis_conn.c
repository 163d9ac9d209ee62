// links: base core ports hiredis
#include "ports/redis_conn_private.h"
#include "tests/port/redis_fixture.h"

#include <arpa/inet.h>
#include <hiredis/hiredis.h>
#include <sys/socket.h>

enum {
    FLIGHT_MAX = 2000,
    TIMEOUT_MS = 5000,
    LIFE_TIMEOUT_MS = 1000, /* no busy machine keeps Redis or us waiting for half of it */
    LIFE_CHECKS = 8,
};

static const char *const plain[] = {"--appendonly", "no", NULL};

struct fixture {
    struct server server;
    struct poll_loop loop;
    struct redis_loop redis_loop;
    struct client client;
};

static struct redis_conn_config config_of(const struct server *s)
{
    return (struct redis_conn_config){
        .socket_path = s->socket, .timeout_ms = TIMEOUT_MS, .in_flight_max = FLIGHT_MAX};
}

static void fixture_start(struct fixture *f, const char *const *args)
{
    server_start(&f->server, args);
    f->redis_loop = loop_init(&f->loop);
}

static void fixture_open(struct fixture *f, const struct redis_conn_config *config)
{
    client_open(&f->client, &f->loop, &f->redis_loop, config);
    RUN_UNTIL(&f->loop, redis_conn_up(f->client.conn));
    cr_assert_eq(f->client.ups, 1);
}

static void fixture_stop(struct fixture *f)
{
    redis_conn_close(&f->client.conn);
    cr_assert_null(f->client.conn);
    server_stop(&f->server);
}

/* Replies counted, and the last one kept as text. */
struct answers {
    size_t lost, got;
    long long integer;
    char text[64];
    struct redis_conn *ask_again; /* from inside the callback */
    enum err again;
};

static void on_answer(void *context, const struct redisReply *reply)
{
    struct answers *a = context;
    if (a->ask_again != NULL) {
        const struct span ping[] = {SPAN("PING")};
        a->again = redis_conn_command(a->ask_again, ping, 1, on_answer, a);
    }
    if (reply == NULL) {
        a->lost++;
        return;
    }
    a->got++;
    a->integer = reply->integer;
    (void)snprintf(a->text, sizeof(a->text), "%.*s", (int)reply->len,
                   reply->str != NULL ? reply->str : "");
}

static enum err ask(struct fixture *f, struct answers *a, struct span one, struct span two,
                    struct span three)
{
    const struct span argv[] = {one, two, three};
    const size_t argc = two.ptr == NULL ? 1 : three.ptr == NULL ? 2 : 3;
    return redis_conn_command(f->client.conn, argv, argc, on_answer, a);
}
#define NONE ((struct span){0})

Test(redis_conn, test_redis_conn_command_when_not_connected_then_unavailable)
{
    struct poll_loop loop;
    const struct redis_loop redis_loop = loop_init(&loop);
    struct client client;
    const struct redis_conn_config config = {
        .socket_path = "/tmp/longhaul-nobody.sock", .timeout_ms = 1000, .in_flight_max = 1};
    client_open(&client, &loop, &redis_loop, &config);
    struct answers a = {0};
    const struct span ping[] = {SPAN("PING")};
    for (int64_t now = 0; now < 5000; now += 50) {
        redis_conn_tick(client.conn, now);
        cr_assert_eq(redis_conn_command(client.conn, ping, 1, on_answer, &a), ERR_UNAVAILABLE);
        cr_assert_not(redis_conn_up(client.conn));
    }
    cr_assert_eq(redis_conn_subscribe(client.conn, SPAN("c"), NULL, NULL), ERR_UNAVAILABLE);
    redis_conn_close(&client.conn);
    redis_conn_close(&client.conn);
    cr_assert_eq(a.lost + a.got + client.ups + client.downs, 0);
}

Test(redis_conn, test_redis_conn_command_when_values_are_binary_then_unchanged)
{
    struct fixture f;
    fixture_start(&f, plain);
    const struct redis_conn_config config = config_of(&f.server);
    fixture_open(&f, &config);
    struct answers a = {0};
    cr_assert_eq(ask(&f, &a, SPAN("SET"), SPAN("k\0\r\n"), SPAN("\0*3\r\n$")), ERR_OK);
    cr_assert_eq(ask(&f, &a, SPAN("STRLEN"), SPAN("k\0\r\n"), NONE), ERR_OK);
    cr_assert_eq(redis_conn_in_flight(f.client.conn), 2);
    RUN_UNTIL(&f.loop, a.got == 2);
    cr_assert_eq(a.integer, 6);
    cr_assert_eq(ask(&f, &a, SPAN("SET"), SPAN("k"), SPAN("")), ERR_OK);
    cr_assert_eq(ask(&f, &a, SPAN("NOSUCH"), NONE, NONE), ERR_OK);
    RUN_UNTIL(&f.loop, a.got == 4);
    cr_assert_eq(strncmp(a.text, "ERR unknown", 11), 0, "an error is a reply: %s", a.text);
    fixture_stop(&f);
}

struct counter {
    long long next;
};

static void on_count(void *context, const struct redisReply *reply)
{
    struct counter *c = context;
    cr_assert_not_null(reply);
    cr_assert_eq(reply->integer, ++c->next);
}

Test(redis_conn, test_redis_conn_command_when_pipelined_then_replies_in_order_up_to_the_limit)
{
    struct fixture f;
    fixture_start(&f, plain);
    const struct redis_conn_config config = config_of(&f.server);
    fixture_open(&f, &config);
    struct counter counter = {0};
    const struct span incr[] = {SPAN("INCR"), SPAN("n")};
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < FLIGHT_MAX; i++) {
            cr_assert_eq(redis_conn_command(f.client.conn, incr, 2, on_count, &counter), ERR_OK);
        }
        cr_assert_eq(redis_conn_command(f.client.conn, incr, 2, on_count, &counter), ERR_FULL);
        RUN_UNTIL(&f.loop, redis_conn_in_flight(f.client.conn) == 0);
    }
    cr_assert_eq(counter.next, 3 * FLIGHT_MAX);
    fixture_stop(&f);
}

Test(redis_conn, test_redis_conn_when_the_server_is_killed_then_each_callback_once_and_back_again)
{
    struct fixture f;
    fixture_start(&f, plain);
    const struct redis_conn_config config = config_of(&f.server);
    fixture_open(&f, &config);
    struct answers a = {.ask_again = f.client.conn};
    struct answers warm = {0};
    for (size_t round = 1; round <= 3; round++) {
        /* The first blocks the connection, so all of them are in flight. */
        cr_assert_eq(ask(&f, &warm, SPAN("PING"), NONE, NONE), ERR_OK);
        cr_assert_eq(ask(&f, &a, SPAN("BLPOP"), SPAN("never"), SPAN("0")), ERR_OK);
        for (size_t i = 0; i < 99; i++) {
            cr_assert_eq(ask(&f, &a, SPAN("PING"), NONE, NONE), ERR_OK);
        }
        RUN_UNTIL(&f.loop, warm.got == round);
        server_kill(&f.server);
        RUN_UNTIL(&f.loop, f.client.downs == round);
        cr_assert_eq(a.lost, 100 * round);
        cr_assert_eq(a.got, 0);
        cr_assert_eq(a.again, ERR_UNAVAILABLE);
        cr_assert_eq(redis_conn_in_flight(f.client.conn), 0);
        server_run(&f.server);
        RUN_UNTIL(&f.loop, f.client.ups == round + 1);
    }
    fixture_stop(&f);
}

Test(redis_conn, test_redis_conn_when_the_server_is_silent_then_broken_off_and_back_again)
{
    struct fixture f;
    fixture_start(&f, plain);
    struct redis_conn_config config = config_of(&f.server);
    config.timeout_ms = 300;
    fixture_open(&f, &config);
    struct answers a = {0};
    cr_assert_eq(kill(f.server.pid, SIGSTOP), 0);
    const int64_t start = clock_mono_ms();
    cr_assert_eq(ask(&f, &a, SPAN("PING"), NONE, NONE), ERR_OK);
    RUN_UNTIL(&f.loop, a.lost == 1);
    cr_assert_geq(clock_mono_ms() - start, 300 - 2 * POLL_MS);
    cr_assert_eq(f.client.downs, 1);
    cr_assert_eq(kill(f.server.pid, SIGCONT), 0);
    RUN_UNTIL(&f.loop, f.client.ups == 2);
    cr_assert_eq(ask(&f, &a, SPAN("PING"), NONE, NONE), ERR_OK);
    RUN_UNTIL(&f.loop, a.got == 1);
    fixture_stop(&f);
}

Test(redis_conn, test_redis_conn_when_idle_longer_than_the_timeout_then_stays_up)
{
    struct fixture f;
    fixture_start(&f, plain);
    struct redis_conn_config config = config_of(&f.server);
    fixture_open(&f, &config);
    const int64_t now = clock_mono_ms();
    for (int64_t later = 0; later < 100 * TIMEOUT_MS; later += 100) {
        redis_conn_tick(f.client.conn, now + later);
    }
    cr_assert(redis_conn_up(f.client.conn));
    fixture_stop(&f);
}

Test(redis_conn, test_redis_conn_when_a_password_is_wrong_then_never_up)
{
    static const char *const args[] = {"--requirepass", "s3cret", NULL};
    struct fixture f;
    fixture_start(&f, args);
    struct redis_conn_config config = config_of(&f.server);
    config.password = "s3cret";
    fixture_open(&f, &config);
    struct answers a = {0};
    cr_assert_eq(ask(&f, &a, SPAN("PING"), NONE, NONE), ERR_OK);
    RUN_UNTIL(&f.loop, a.got == 1);
    cr_assert_str_eq(a.text, "PONG");

    struct client wrong;
    config.password = "guess";
    client_open(&wrong, &f.loop, &f.redis_loop, &config);
    struct client named;
    config.username = "default";
    config.password = "s3cret";
    client_open(&named, &f.loop, &f.redis_loop, &config);
    RUN_UNTIL(&f.loop, redis_conn_up(named.conn));
    for (int turn = 0; turn < 50; turn++) {
        loop_turn(&f.loop);
        cr_assert_not(redis_conn_up(wrong.conn));
    }
    cr_assert_eq(wrong.ups + wrong.downs, 0);
    redis_conn_close(&wrong.conn);
    redis_conn_close(&named.conn);
    fixture_stop(&f);
}

struct inbox {
    size_t count;
    char last[32];
};

static void on_message(void *context, struct span payload)
{
    struct inbox *in = context;
    in->count++;
    cr_assert_eq(span_copy(payload, in->last, sizeof(in->last)), ERR_OK);
}

Test(redis_conn, test_redis_conn_subscribe_when_published_then_message_also_after_a_reconnect)
{
    struct fixture f;
    fixture_start(&f, plain);
    const struct redis_conn_config config = config_of(&f.server);
    fixture_open(&f, &config);
    struct client sub;
    client_open(&sub, &f.loop, &f.redis_loop, &config);
    struct inbox in = {0};
    for (size_t round = 1; round <= 2; round++) {
        RUN_UNTIL(&f.loop, sub.ups == round && f.client.ups == round);
        cr_assert_eq(redis_conn_subscribe(sub.conn, SPAN("lh:{0}:wake"), on_message, &in), ERR_OK);
        struct answers a = {0};
        do { /* until the subscription is there: the reply counts who got it */
            const size_t before = a.got;
            cr_assert_eq(ask(&f, &a, SPAN("PUBLISH"), SPAN("lh:{0}:wake"), SPAN("ready")), ERR_OK);
            RUN_UNTIL(&f.loop, a.got > before);
        } while (a.integer == 0);
        RUN_UNTIL(&f.loop, in.count == round);
        cr_assert_str_eq(in.last, "ready");
        server_kill(&f.server);
        RUN_UNTIL(&f.loop, sub.downs == round && f.client.downs == round);
        server_run(&f.server);
    }
    redis_conn_close(&sub.conn);
    fixture_stop(&f);
}

Test(redis_conn, test_redis_conn_subscribe_when_the_server_is_silent_then_broken_off_and_back_again)
{
    struct fixture f;
    fixture_start(&f, plain);
    struct redis_conn_config config = config_of(&f.server);
    config.timeout_ms = 300;
    fixture_open(&f, &config);
    struct inbox in = {0};
    cr_assert_eq(redis_conn_subscribe(f.client.conn, SPAN("wake"), on_message, &in), ERR_OK);
    const int64_t start = clock_mono_ms();
    RUN_UNTIL(&f.loop, clock_mono_ms() - start > 5 * 300);
    cr_assert_eq(f.client.downs, 0, "nobody had anything to say, but Redis is there");
    cr_assert_eq(kill(f.server.pid, SIGSTOP), 0);
    RUN_UNTIL(&f.loop, f.client.downs == 1);
    cr_assert_eq(kill(f.server.pid, SIGCONT), 0);
    RUN_UNTIL(&f.loop, f.client.ups == 2);
    cr_assert_eq(in.count, 0);
    fixture_stop(&f);
}

Test(redis_conn, test_redis_conn_subscribe_when_asked_for_life_meanwhile_then_no_message_is_lost)
{
    struct fixture f;
    fixture_start(&f, plain);
    struct redis_conn_config config = config_of(&f.server);
    struct client sub;
    struct inbox in = {0};
    struct answers a = {0};
    fixture_open(&f, &config);
    config.timeout_ms = LIFE_TIMEOUT_MS; /* asks after half of it */
    client_open(&sub, &f.loop, &f.redis_loop, &config);
    RUN_UNTIL(&f.loop, sub.ups == 1);
    cr_assert_eq(redis_conn_subscribe(sub.conn, SPAN("wake"), on_message, &in), ERR_OK);
    size_t heard = 0;
    for (size_t i = 1; i <= LIFE_CHECKS; i++) {
        RUN_UNTIL(&f.loop, sub.conn->asked); /* not sent yet: both are on their way together */
        cr_assert_eq(ask(&f, &a, SPAN("PUBLISH"), SPAN("wake"), SPAN("ready")), ERR_OK);
        RUN_UNTIL(&f.loop, a.got == i && !sub.conn->asked);
        heard += (size_t)a.integer;
    }
    RUN_UNTIL(&f.loop, in.count == heard);
    cr_assert_eq(heard, LIFE_CHECKS);
    cr_assert_eq(sub.downs, 0);
    redis_conn_close(&sub.conn);
    fixture_stop(&f);
}

Test(redis_conn, test_redis_conn_tick_when_we_slept_over_the_timeout_then_asks_before_it_breaks_off)
{
    struct fixture f;
    fixture_start(&f, plain);
    const struct redis_conn_config config = config_of(&f.server);
    struct inbox in = {0};
    fixture_open(&f, &config);
    cr_assert_eq(redis_conn_subscribe(f.client.conn, SPAN("wake"), on_message, &in), ERR_OK);
    const int64_t later_ms = clock_mono_ms() + 10 * TIMEOUT_MS;
    redis_conn_tick(f.client.conn, later_ms);
    cr_assert(redis_conn_up(f.client.conn));
    redis_conn_tick(f.client.conn, later_ms + TIMEOUT_MS / 2);
    cr_assert_not(redis_conn_up(f.client.conn), "nothing was heard in the time that it had");
    fixture_stop(&f);
}

Test(redis_conn, test_redis_conn_close_when_commands_are_in_flight_then_all_are_lost)
{
    struct fixture f;
    fixture_start(&f, plain);
    const struct redis_conn_config config = config_of(&f.server);
    fixture_open(&f, &config);
    struct answers a = {.ask_again = f.client.conn};
    for (size_t i = 0; i < 10; i++) {
        cr_assert_eq(ask(&f, &a, SPAN("PING"), NONE, NONE), ERR_OK);
    }
    fixture_stop(&f);
    cr_assert_eq(a.lost, 10);
    cr_assert_eq(a.again, ERR_UNAVAILABLE);
    cr_assert_eq(f.client.downs, 1);
}

struct closer {
    struct redis_conn **conn;
    size_t got, lost;
};

static void on_close(void *context, const struct redisReply *reply)
{
    struct closer *c = context;
    c->got += reply != NULL;
    c->lost += reply == NULL;
    redis_conn_close(c->conn);
}

Test(redis_conn, test_redis_conn_close_when_called_by_a_callback_then_the_rest_is_lost)
{
    struct fixture f;
    fixture_start(&f, plain);
    const struct redis_conn_config config = config_of(&f.server);
    fixture_open(&f, &config);
    struct closer c = {.conn = &f.client.conn};
    const struct span ping[] = {SPAN("PING")};
    const struct span block[] = {SPAN("BLPOP"), SPAN("never"), SPAN("0")};
    cr_assert_eq(redis_conn_command(f.client.conn, ping, 1, on_close, &c), ERR_OK);
    cr_assert_eq(redis_conn_command(f.client.conn, block, 3, on_close, &c), ERR_OK);
    RUN_UNTIL(&f.loop, f.client.downs == 1);
    cr_assert_eq(c.got, 1);
    cr_assert_eq(c.lost, 1);
    cr_assert_null(f.client.conn);
    fixture_stop(&f);
}

static uint16_t free_port(void)
{
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    cr_assert_eq(bind(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    (void)close(fd);
    return ntohs(at.sin_port);
}

Test(redis_conn, test_redis_conn_when_over_tcp_then_the_same)
{
    char port[8];
    const uint16_t number = free_port();
    (void)snprintf(port, sizeof(port), "%u", (unsigned)number);
    const char *const args[] = {"--port", port, "--bind", "127.0.0.1", NULL};
    struct fixture f;
    fixture_start(&f, args);
    struct redis_conn_config config = config_of(&f.server);
    config.socket_path = NULL;
    config.host = "127.0.0.1";
    config.port = number;
    fixture_open(&f, &config);
    struct answers a = {0};
    cr_assert_eq(ask(&f, &a, SPAN("ECHO"), SPAN("over tcp"), NONE), ERR_OK);
    RUN_UNTIL(&f.loop, a.got == 1);
    cr_assert_str_eq(a.text, "over tcp");
    fixture_stop(&f);
}
