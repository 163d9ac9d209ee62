// links: base core ports hiredis
#include "ports/job_index.h"
#include "redis_fixture.h"

#include "base/ids.h"

static struct server server;
static struct poll_loop loop;
static struct redis_conn *conn;

static void ignore(void *context)
{
    (void)context;
}

static void setup(void)
{
    static const char *const none[] = {NULL};
    server_start(&server, none);
    const struct redis_loop port = loop_init(&loop);
    const struct redis_conn_config config = {
        .socket_path = server.socket, .timeout_ms = 10000, .in_flight_max = 4096};
    const struct redis_conn_events events = {.up = ignore, .down = ignore};
    cr_assert_eq(redis_conn_open(&config, &port, &events, &conn), ERR_OK);
    loop.conns[loop.conns_count++] = &conn;
}

static void teardown(void)
{
    redis_conn_close(&conn);
    server_stop(&server);
}

TestSuite(job_index, .init = setup, .fini = teardown, .timeout = 60);

struct answer {
    bool there;
    enum err err;
    size_t count;
    char ids[JOB_INDEX_IDS_MAX][JOB_ID_SIZE];
    char next[JOB_ID_SIZE];
};

static struct answer answer;

static void on_ids(void *context, enum err err, const struct span *ids, size_t count,
                   struct span next)
{
    struct answer *a = context;
    a->there = true;
    a->err = err;
    a->count = count;
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(span_copy(ids[i], a->ids[i], JOB_ID_SIZE), ERR_OK);
    }
    cr_assert_eq(span_copy(next, a->next, JOB_ID_SIZE), ERR_OK);
}

typedef enum err question(struct redis_conn *conn, const struct job_index_page *page,
                          job_index_on_ids *done, void *context);

static const struct answer *ask(question *q, const char *after, size_t limit)
{
    const struct job_index_page page = {
        .user_id = SPAN("u"), .after = span_of(after), .limit = limit};
    answer = (struct answer){0};
    while (!redis_conn_up(conn)) {
        redis_conn_tick(conn, clock_mono_ms());
        loop_turn(&loop);
    }
    cr_assert_eq(q(conn, &page, on_ids, &answer), ERR_OK);
    while (!answer.there) {
        loop_turn(&loop);
    }
    return &answer;
}

static void on_done(void *context, const struct redisReply *reply)
{
    (void)reply;
    *(bool *)context = true;
}

/* Ids of that many jobs, in an order that is not theirs. */
static void put(const char *command, const char *key, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char id[JOB_ID_SIZE];
        bool done = false;
        (void)snprintf(id, sizeof id, "%027zu", (i * 7) % count);
        const struct span argv[] = {span_of(command), span_of(key), SPAN("0"), span_of(id)};
        const struct span member[] = {span_of(command), span_of(key), span_of(id)};
        const bool sorted = strcmp(command, "ZADD") == 0;
        while (redis_conn_command(conn, sorted ? argv : member, sorted ? 4 : 3, on_done, &done) !=
               ERR_OK) {
            redis_conn_tick(conn, clock_mono_ms());
            loop_turn(&loop);
        }
        while (!done) {
            loop_turn(&loop);
        }
    }
}

Test(job_index, test_when_a_key_holds_something_else_then_unavailable_or_internal)
{
    put("SADD", "lh:{0}:index:u", 1);
    cr_assert_eq(ask(job_index_newer, "", 10)->err, ERR_UNAVAILABLE);
    put("ZADD", "lh:{0}:live:u", 1);
    cr_assert_eq(ask(job_index_live, "", 10)->err, ERR_UNAVAILABLE);
    cr_assert_eq(ask(job_index_list, "", 10)->err, ERR_UNAVAILABLE, "without our functions");
}

Test(job_index, test_newer_when_asked_in_pages_then_each_once_oldest_first)
{
    put("ZADD", "lh:{0}:index:u", 25);
    char after[JOB_ID_SIZE] = "";
    size_t seen = 0;
    do {
        const struct answer *a = ask(job_index_newer, after, 10);
        cr_assert_eq(a->err, ERR_OK);
        for (size_t i = 0; i < a->count; i++) {
            char wanted[JOB_ID_SIZE];
            (void)snprintf(wanted, sizeof wanted, "%027zu", seen++);
            cr_assert_str_eq(a->ids[i], wanted);
        }
        memcpy(after, a->next, sizeof after);
    } while (after[0] != '\0');
    cr_assert_eq(seen, 25);
}

Test(job_index, test_live_when_there_are_none_then_no_ids)
{
    const struct answer *a = ask(job_index_live, "", 0);
    cr_assert_eq(a->err, ERR_OK);
    cr_assert_eq(a->count, 0);
    cr_assert_str_eq(a->next, "");
}

/* The page has `count` ids, the newest of which ends with this number. */
static void check_live(const struct answer *a, size_t count, size_t newest)
{
    cr_assert_eq(a->count, count);
    for (size_t i = 0; i < count; i++) {
        char wanted[JOB_ID_SIZE];
        (void)snprintf(wanted, sizeof wanted, "%027zu", newest - i);
        cr_assert_str_eq(a->ids[i], wanted);
    }
}

Test(job_index, test_live_when_there_are_many_then_the_newest_200_and_older_ones_in_further_pages)
{
    char after[JOB_ID_SIZE];
    put("SADD", "lh:{0}:live:u", 260);
    check_live(ask(job_index_live, "", 0), JOB_INDEX_IDS_MAX, 259);
    memcpy(after, answer.next, sizeof after);
    cr_assert_str_eq(after, answer.ids[JOB_INDEX_IDS_MAX - 1]);
    check_live(ask(job_index_live, after, 0), 60, 59);
    cr_assert_str_eq(answer.next, "");
    check_live(ask(job_index_live, "000000000000000000000000000", 0), 0, 0);
    cr_assert_str_eq(answer.next, "");
}
