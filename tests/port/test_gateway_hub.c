// links: gateway support ports wire core base zmq hiredis
/* The hub of a gateway's loop on a real Redis: what a member is told when its client has seen more
 * than the watch knows (another gateway was quicker), and who gets the last places. No broker says
 * anything: records change as if their events were lost. */
#include "base/clock.h"
#include "gateway/counters.h"
#include "gateway/hub.h"
#include "gateway/loop.h"
#include "gateway/redis_port.h"
#include "gateway/server.h"
#include "gateway/stream.h"
#include "gateway/watch.h"
#include "support/redis_server.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum { TURN_MS = 10, PATIENCE_MS = 30000, CROWD = 50 };
#define JOB_ID "00123456789abcdefghjkmnpqrs"

static h2o_globalconf_t h2o_config;
static struct gateway_config config;
static struct server server;
static struct gateway_loop loop;
static struct redis_server redis;
static char dir[64], endpoint[128];

/* A client with one job. */
struct client {
    struct stream stream;
    struct member member;
    unsigned told;
    enum err err;     /* of the last time */
    uint64_t version; /* the watch's, then */
    uint64_t read;    /* the newest that was answered then */
};

static void news(struct member *m, enum err err)
{
    struct client *c = (struct client *)(void *)m->stream;
    c->told++;
    c->err = err;
    c->version = m->watch->snapshot.known ? m->watch->snapshot.record.version : 0;
    c->read = m->watch->reads_done;
}

static const struct stream_kind kind = {.news = news};

static void ignore(void *context)
{
    (void)context;
}

static void open_world(void)
{
    (void)snprintf(dir, sizeof(dir), "/tmp/longhaul-hub-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    redis_server_start(&redis, dir, false);
    (void)snprintf(endpoint, sizeof(endpoint), "ipc://%s/nobody.sock", dir);
    config.events = (struct text_list){.items = {endpoint}, .count = 1};
    config.heartbeat_s = 15;
    h2o_config_init(&h2o_config);
    (void)h2o_config_register_host(&h2o_config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    h2o_context_init(&loop.h2o, h2o_evloop_create(), &h2o_config);
    h2o_timeout_init(loop.h2o.loop, &loop.soon, 1);
    server.zmq = zmq_ctx_new();
    loop.server = &server;
    loop.config = &config;
    cr_assert_eq(counters_new(&loop.counters), ERR_OK);
    cr_assert_eq(wire_reader_new(&loop.reader), ERR_OK);
    const struct redis_conn_config conn = {
        .socket_path = redis.socket, .timeout_ms = 5000, .in_flight_max = REDIS_IN_FLIGHT_MAX};
    const struct redis_conn_events events = {.up = ignore, .down = ignore};
    const struct redis_loop port = redis_port_loop(&loop.h2o);
    cr_assert_eq(redis_conn_open(&conn, &port, &events, &loop.redis), ERR_OK);
    cr_assert_eq(hub_open(&loop.hub, &loop), ERR_OK);
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *at)
{
    (void)info;
    (void)type;
    (void)at;
    return remove(path);
}

static void close_world(void)
{
    redis_conn_close(&loop.redis);
    hub_close(&loop.hub);
    wire_reader_destroy(&loop.reader);
    metrics_destroy(&loop.counters);
    (void)zmq_ctx_term(server.zmq);
    redis_server_stop(&redis);
    (void)nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(gateway_hub, .init = open_world, .fini = close_world, .timeout = 60);

/* Without the hub's tick nothing is read that nobody asked for. */
static void turn(void)
{
    (void)h2o_evloop_run(loop.h2o.loop, TURN_MS);
    redis_conn_tick(loop.redis, clock_mono_ms());
}

#define RUN_UNTIL(condition)                                                                       \
    do {                                                                                           \
        const int64_t limit_ = clock_mono_ms() + PATIENCE_MS;                                      \
        while (!(condition)) {                                                                     \
            cr_assert_lt(clock_mono_ms(), limit_, "waited in vain for: %s", #condition);           \
            turn();                                                                                \
        }                                                                                          \
    } while (0)

static int64_t reads(void)
{
    return metrics_value(loop.counters, COUNT_RECORD_READS);
}

/* The record as somebody else left it. */
static void record(unsigned version)
{
    redisReply *reply =
        redisCommand(redis.client,
                     "HSET download:job:" JOB_ID " status running version %u "
                     "fileId 1 attempts 0 createdAt 10 updatedAt 11 log 1:10:q;2:11:r:1:w1",
                     version);
    cr_assert(reply != NULL && reply->type == REDIS_REPLY_INTEGER);
    freeReplyObject(reply);
}

static void join(struct client *c, const char *last_event_id)
{
    *c = (struct client){.stream = {.kind = &kind}};
    c->member.stream = &c->stream;
    list_init(&c->member.of_watch);
    sse_cursor_init(&c->member.cursor, span_of(last_event_id));
    cr_assert_eq(hub_join(&loop.hub, SPAN(JOB_ID), &c->member), ERR_OK);
}

/* A client that follows the job, at that version; what comes after is not heard of. */
static void follow(struct client *c, unsigned version)
{
    record(version);
    RUN_UNTIL(redis_conn_up(loop.redis));
    join(c, "");
    RUN_UNTIL(c->told == 1);
    cr_assert_eq(c->err, ERR_OK);
    cr_assert_eq(c->version, version);
    cr_assert_eq(reads(), 1);
}

static uint64_t next_version(struct client *c)
{
    return sse_cursor_next(&c->member.cursor, &c->member.watch->snapshot.record, 0).version;
}

Test(gateway_hub, test_join_when_the_client_has_seen_more_then_it_is_told_after_a_read)
{
    struct client first, ahead;
    follow(&first, 26);
    record(28);
    join(&ahead, "27");
    cr_assert_eq(ahead.told, 0, "what is known may be old");
    RUN_UNTIL(ahead.told == 1);
    cr_assert_eq(ahead.version, 28);
    cr_assert_eq(next_version(&ahead), 28);
    cr_assert_eq(reads(), 2);
    cr_assert_eq(first.version, 28, "everybody has it");
    hub_leave(&loop.hub, &ahead.member);
    hub_leave(&loop.hub, &first.member);
}

Test(gateway_hub, test_join_when_the_client_has_seen_no_more_then_it_is_told_at_once)
{
    static const char *const ids[] = {"", "1", "26"};
    struct client first, other;
    follow(&first, 26);
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        join(&other, ids[i]);
        cr_assert_eq(other.told, 1);
        hub_leave(&loop.hub, &other.member);
    }
    cr_assert_eq(reads(), 1);
    hub_leave(&loop.hub, &first.member);
}

Test(gateway_hub, test_join_when_a_read_from_before_is_in_flight_then_that_is_not_enough)
{
    struct client first, ahead;
    follow(&first, 26);
    watch_read(first.member.watch);
    join(&ahead, "27");
    RUN_UNTIL(ahead.told == 1);
    cr_assert_eq(first.told, 3);
    cr_assert_eq(ahead.read, 3, "the second began too early to prove anything");
    cr_assert_eq(next_version(&ahead), 26);
    hub_leave(&loop.hub, &ahead.member);
    hub_leave(&loop.hub, &first.member);
}

Test(gateway_hub, test_join_when_ids_are_of_the_future_then_one_read_for_all)
{
    static struct client crowd[CROWD];
    struct client first;
    follow(&first, 26);
    for (size_t i = 0; i < CROWD; i++) {
        join(&crowd[i], "999999");
    }
    RUN_UNTIL(crowd[CROWD - 1].told == 1);
    /* One that had begun before the others joined, and one for those. */
    cr_assert_leq(reads(), 3);
    for (size_t i = 0; i < CROWD; i++) {
        cr_assert_eq(crowd[i].told, 1 + (i == 0 && reads() == 3));
        cr_assert_eq(next_version(&crowd[i]), 26, "the full state");
        hub_leave(&loop.hub, &crowd[i].member);
    }
    for (int i = 0; i < 20; i++) {
        turn();
    }
    cr_assert_leq(reads(), 3, "and no more");
    hub_leave(&loop.hub, &first.member);
}

Test(gateway_hub, test_join_when_redis_is_away_then_the_client_is_told_when_it_is_back)
{
    struct client first, ahead;
    follow(&first, 26);
    redis_server_kill(&redis);
    RUN_UNTIL(!redis_conn_up(loop.redis));
    join(&ahead, "27");
    cr_assert_eq(ahead.told, 1);
    cr_assert_eq(ahead.err, ERR_UNAVAILABLE);
    cr_assert(watch_lags(ahead.member.watch, &ahead.member));
    redis_server_restart(&redis);
    record(27);
    RUN_UNTIL(redis_conn_up(loop.redis));
    loop.hub.now_ms = clock_mono_ms();
    hub_refresh(&loop.hub);
    hub_tick(&loop.hub, clock_mono_ms());
    RUN_UNTIL(ahead.told == 2);
    cr_assert_eq(ahead.err, ERR_OK);
    cr_assert_eq(ahead.version, 27);
    cr_assert_not(watch_lags(ahead.member.watch, &ahead.member));
    hub_leave(&loop.hub, &ahead.member);
    hub_leave(&loop.hub, &first.member);
}

/* ---- places */

static enum err join_job(struct stream *s, struct member *m, size_t job)
{
    char id[JOB_ID_SIZE];
    (void)snprintf(id, sizeof(id), "00%025zu", job);
    m->stream = s;
    list_init(&m->of_watch);
    return hub_join(&loop.hub, span_of(id), m);
}

/* Streams of many jobs get all but what is reserved, those of one job that too. Each member has a
 * job of its own, or all have one. */
static void check_reserve(size_t most, size_t reserved, bool one_job)
{
    struct client c = {.stream = {.kind = &kind}};
    struct member *members = calloc(most + 1, sizeof(*members));
    size_t count = 0;
    cr_assert_not_null(members);
    for (bool of_many = true;; of_many = false) {
        enum err e = ERR_OK;
        while (count <= most && e == ERR_OK) {
            members[count].of_many = of_many;
            e = join_job(&c.stream, &members[count], one_job ? 0 : count);
            count += e == ERR_OK;
        }
        cr_assert_eq(e, ERR_FULL);
        cr_assert_eq(count, of_many ? most - reserved : most);
        if (!of_many) {
            break;
        }
    }
    for (size_t i = 0; i < count; i++) {
        hub_leave(&loop.hub, &members[i]);
    }
    free(members);
}

Test(gateway_hub, test_join_when_there_are_many_members_then_streams_of_one_job_have_a_reserve)
{
    check_reserve(HUB_MEMBERS_MAX, HUB_MEMBERS_RESERVED, true);
}

Test(gateway_hub, test_join_when_there_are_many_jobs_then_streams_of_one_job_have_a_reserve)
{
    check_reserve(HUB_WATCHES_MAX, HUB_WATCHES_RESERVED, false);
}
