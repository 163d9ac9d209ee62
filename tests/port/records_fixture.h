/* Records and a reader on a private, durable Redis; each call is asked and waited for. */
#ifndef LONGHAUL_TESTS_RECORDS_FIXTURE_H
#define LONGHAUL_TESTS_RECORDS_FIXTURE_H

#include "base/ids.h"
#include "ports/record_reader.h"
#include "ports/records.h"
#include "tests/port/redis_fixture.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { TEXT_MAX = 512, ITEMS_MAX = RECORDS_BATCH_MAX };

static const char *const durable[] = {"--appendonly", "yes", "--appendfsync", "always", NULL};

/* What the last answer said, copied where it pointed into the reply. */
struct answer {
    bool there;
    enum err err;
    size_t count;
    struct record_submitted submitted[ITEMS_MAX];
    struct record_claimed claimed[ITEMS_MAX];
    struct record_renewed renewed[ITEMS_MAX];
    struct record_progressed progressed[ITEMS_MAX];
    struct record_finished finished[ITEMS_MAX];
    struct record_commanded commanded;
    struct records_tick_result tick;
    struct records_audit_result audit;
    struct records_stats stats;
    struct job_record record;
    char text[TEXT_MAX]; /* a problem, an earlier job's id, an artifact key, a record's log */
    char user[64], name[64], code[64];
};

struct world {
    struct server server;
    struct poll_loop loop;
    struct redis_loop redis_loop;
    struct client client;
    struct records *records;
    struct id_source ids;
    struct answer answer;
};

static inline void keep_text(char *out, size_t cap, struct span s)
{
    cr_assert_eq(span_copy(s, out, cap), ERR_OK);
}

static inline struct answer *arrived(void *world, enum err err, size_t count)
{
    struct answer *a = &((struct world *)world)->answer;
    cr_assert_not(a->there, "a callback runs once");
    a->there = true;
    a->err = err;
    a->count = count;
    return a;
}

static inline void world_ready(void *w, enum err err, struct span problem)
{
    keep_text(arrived(w, err, 0)->text, TEXT_MAX, problem);
}

static inline void world_submitted(void *w, enum err err, const struct record_submitted *items,
                                   size_t count)
{
    struct answer *a = arrived(w, err, count);
    for (size_t i = 0; i < count; i++) {
        a->submitted[i] = items[i];
        if (items[i].code == RECORD_REPLAYED) {
            keep_text(a->text, TEXT_MAX, items[i].job_id);
        }
    }
}

static inline void world_claimed(void *w, enum err err, const struct record_claimed *items,
                                 size_t count)
{
    struct answer *a = arrived(w, err, count);
    for (size_t i = 0; i < count; i++) {
        a->claimed[i] = items[i];
        cr_assert_leq(items[i].spec.len, TEXT_MAX);
        memcpy(a->text, items[i].spec.ptr, items[i].spec.len);
        a->claimed[i].spec.ptr = a->text; /* of the last one */
    }
}

static inline void world_renewed(void *w, enum err err, const struct record_renewed *items,
                                 size_t count)
{
    struct answer *a = arrived(w, err, count);
    memcpy(a->renewed, items, count * sizeof(*items));
}

static inline void world_progressed(void *w, enum err err, const struct record_progressed *items,
                                    size_t count)
{
    struct answer *a = arrived(w, err, count);
    memcpy(a->progressed, items, count * sizeof(*items));
}

static inline void world_finished(void *w, enum err err, const struct record_finished *items,
                                  size_t count)
{
    struct answer *a = arrived(w, err, count);
    memcpy(a->finished, items, count * sizeof(*items));
}

static inline void world_commanded(void *w, enum err err, const struct record_commanded *item)
{
    struct answer *a = arrived(w, err, 1);
    if (err == ERR_OK) {
        a->commanded = *item;
    }
}

static inline void world_tick(void *w, enum err err, const struct records_tick_result *result)
{
    struct answer *a = arrived(w, err, 1);
    if (err == ERR_OK) {
        a->tick = *result;
    }
}

static inline void world_expired(void *w, enum err err, const struct records_expired *result)
{
    struct answer *a = arrived(w, err, err == ERR_OK ? result->keys_count : 0);
    cr_assert(err != ERR_OK || !result->more, "these tests have few artifacts");
    if (a->count > 0) {
        keep_text(a->text, TEXT_MAX, result->keys[0]);
    }
}

static inline void world_done(void *w, enum err err)
{
    (void)arrived(w, err, 0);
}

static inline void world_audit(void *w, enum err err, const struct records_audit_result *result)
{
    struct answer *a = arrived(w, err, 1);
    if (err == ERR_OK) {
        a->audit = *result;
    }
}

static inline void world_stats(void *w, enum err err, const struct records_stats *stats)
{
    struct answer *a = arrived(w, err, 1);
    if (err == ERR_OK) {
        a->stats = *stats;
    }
}

static inline void world_record(void *w, enum err err, const struct job_record *record)
{
    struct answer *a = arrived(w, err, 1);
    cr_assert_eq(record != NULL, err == ERR_OK);
    if (err == ERR_OK) {
        a->record = *record;
        keep_text(a->text, TEXT_MAX, record->log);
        keep_text(a->user, sizeof(a->user), record->user_id);
        keep_text(a->name, sizeof(a->name), record->file_name);
        keep_text(a->code, sizeof(a->code), record->error_code);
    }
}

/* Asks and waits; the answer is in `world`->answer. */
#define ASK(world, call)                                                                           \
    do {                                                                                           \
        (world)->answer.there = false;                                                             \
        cr_assert_eq(call, ERR_OK);                                                                \
        RUN_UNTIL(&(world)->loop, (world)->answer.there);                                          \
    } while (0)

/* ASK where the answer must be ERR_OK. */
#define GET(world, call)                                                                           \
    do {                                                                                           \
        ASK(world, call);                                                                          \
        cr_assert_eq((world)->answer.err, ERR_OK, "%s: %s", #call, err_name((world)->answer.err)); \
    } while (0)

static inline struct records_config world_config(void)
{
    return (struct records_config){.broker_id = "b1",
                                   .queue_max = 1000,
                                   .user_active_max = 2,
                                   .idempotency_ttl_ms = 60000,
                                   .artifact_ttl_ms = 86400000,
                                   .record_ttl_ms = 604800000};
}

static inline void world_open(struct world *w, const char *const *args)
{
    memset(w, 0, sizeof(*w));
    server_start(&w->server, args);
    w->redis_loop = loop_init(&w->loop);
    const struct redis_conn_config config = {
        .socket_path = w->server.socket, .timeout_ms = 5000, .in_flight_max = 64};
    client_open(&w->client, &w->loop, &w->redis_loop, &config);
    RUN_UNTIL(&w->loop, redis_conn_up(w->client.conn));
    const struct records_config records = world_config();
    cr_assert_eq(records_new(w->client.conn, &records, &w->records), ERR_OK);
    id_source_init(&w->ids);
}

static inline void world_start(struct world *w)
{
    world_open(w, durable);
    GET(w, records_prepare(w->records, true, world_ready, w));
}

static inline void world_stop(struct world *w)
{
    redis_conn_close(&w->client.conn);
    records_destroy(&w->records);
    server_stop(&w->server);
}

/* Any command, for looking behind the scenes and for damage. */
static inline void on_raw(void *context, const struct redisReply *reply)
{
    (void)arrived(context, reply != NULL ? ERR_OK : ERR_UNAVAILABLE, 0);
}

static inline void world_raw(struct world *w, const char *one, const char *two, const char *three,
                             const char *four)
{
    const struct span argv[] = {span_of(one), span_of(two), span_of(three), span_of(four)};
    const size_t argc = two == NULL ? 1 : three == NULL ? 2 : four == NULL ? 3 : 4;
    GET(w, redis_conn_command(w->client.conn, argv, argc, on_raw, w));
}

static inline struct record_submit world_job(struct world *w, char id[JOB_ID_SIZE])
{
    job_id_new(&w->ids, 0, clock_wall_ms(), id);
    return (struct record_submit){.job_id = {id, JOB_ID_LEN},
                                  .file_id = 42,
                                  .priority = JOB_PRIORITY_DEFAULT,
                                  .timeout_ms = 60000,
                                  .max_attempts = JOB_MAX_ATTEMPTS_DEFAULT,
                                  .spec = SPAN("\x0A\x01\x2A\0\xFF")};
}

/* Submits one job and has it claimed by w1 at once. */
static inline struct attempt world_run(struct world *w)
{
    struct attempt a = {.fence = 1};
    const struct record_submit job = world_job(w, a.job_id);
    const struct span worker = SPAN("w1");
    GET(w, records_submit(w->records, &job, 1, &worker, 1, world_submitted, w));
    cr_assert_eq(w->answer.submitted[0].code, RECORD_CLAIMED);
    return a;
}

static inline struct record_finish completed(struct attempt a)
{
    return (struct record_finish){.attempt = a,
                                  .end = RECORD_END_COMPLETED,
                                  .artifact = {.key = SPAN("the/key.1"),
                                               .size_bytes = 5,
                                               .sha256 = {0xAB},
                                               .file_name = SPAN("a.bin"),
                                               .content_type = SPAN("text/plain")}};
}

static inline void world_read(struct world *w, const char *id)
{
    GET(w, reader_get(w->client.conn, span_of(id), world_record, w));
}

#endif
