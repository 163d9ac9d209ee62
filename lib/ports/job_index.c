#include "ports/job_index.h"

#include "base/ids.h"
#include "base/log.h"
#include "core/job.h"

#include <hiredis/hiredis.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NS_SIZE = 24,
    KEY_SIZE = NS_SIZE + 16 + JOB_USER_ID_MAX,
    NUMBER_SIZE = 24,
    SET_IDS_MAX = 4 * JOB_INDEX_LIVE_MAX, /* it may have grown since it was counted */
};

/* One question, from asking to answering. */
struct question {
    struct redis_conn *conn; /* borrowed */
    job_index_on_ids *done;
    void *context;
    unsigned shard;
    char user_id[JOB_USER_ID_MAX + 1];
    char after[JOB_ID_SIZE]; /* of job_index_live */
    size_t limit;
};

static void name_space(unsigned shard, char out[NS_SIZE])
{
    (void)snprintf(out, NS_SIZE, "lh:{%u}:", shard);
}

static struct span key_of(const struct question *q, const char *name, char out[KEY_SIZE])
{
    (void)snprintf(out, KEY_SIZE, "lh:{%u}:%s:%s", q->shard, name, q->user_id);
    return span_of(out);
}

static void answer(struct question *question, enum err err, const struct span *ids, size_t count,
                   struct span next)
{
    const struct question q = *question;
    free(question);
    q.done(q.context, err, err == ERR_OK ? ids : NULL, err == ERR_OK ? count : 0, next);
}

static void answer_err(struct question *q, enum err err)
{
    answer(q, err, NULL, 0, (struct span){0});
}

/* The strings of an array; all of them are to be job ids but the first `skipped`. */
static enum err read_ids(const struct redisReply *reply, size_t skipped, struct span *out,
                         size_t out_max)
{
    if (reply == NULL || reply->type == REDIS_REPLY_ERROR) {
        return ERR_UNAVAILABLE;
    }
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements > out_max) {
        return ERR_INTERNAL;
    }
    for (size_t i = 0; i < reply->elements; i++) {
        const struct redisReply *e = reply->element[i];
        if (e->type != REDIS_REPLY_STRING) {
            return ERR_INTERNAL;
        }
        out[i] = (struct span){e->str, e->len};
        if (i >= skipped && !job_id_valid(out[i])) {
            log_error("index.damaged", "%.*s", SPAN_ARG(out[i]));
            return ERR_INTERNAL;
        }
    }
    return ERR_OK;
}

static enum err new_question(struct redis_conn *conn, const struct job_index_page *page,
                             job_index_on_ids *done, void *context, struct question **out)
{
    assert(page->limit <= JOB_INDEX_IDS_MAX);
    struct question *q = malloc(sizeof *q);
    if (q == NULL) {
        return ERR_NOMEM;
    }
    *q = (struct question){
        .conn = conn, .done = done, .context = context, .shard = page->shard, .limit = page->limit};
    const enum err e = span_copy(page->user_id, q->user_id, sizeof q->user_id);
    if (e != ERR_OK) {
        free(q);
        return e;
    }
    *out = q;
    return ERR_OK;
}

/* ---- a page, newest first */

static void on_list(void *context, const struct redisReply *reply)
{
    enum { HEAD = 1 };
    struct span items[HEAD + JOB_INDEX_IDS_MAX];
    struct question *q = context;
    const enum err e = read_ids(reply, HEAD, items, HEAD + JOB_INDEX_IDS_MAX);
    if (e != ERR_OK || reply->elements < HEAD) {
        answer_err(q, e != ERR_OK ? e : ERR_INTERNAL);
        return;
    }
    answer(q, ERR_OK, items + HEAD, reply->elements - HEAD, items[0]);
}

static enum err ask_list(struct question *q, struct span statuses, struct span after)
{
    char ns[NS_SIZE], limit[NUMBER_SIZE];
    name_space(q->shard, ns);
    (void)snprintf(limit, sizeof limit, "%zu", q->limit);
    const struct span argv[] = {SPAN("FCALL_RO"), SPAN("lh_list"), SPAN("1"),
                                span_of(ns),      SPAN("0"),       span_of(q->user_id),
                                statuses,         span_of(limit),  after};
    return redis_conn_command(q->conn, argv, sizeof argv / sizeof argv[0], on_list, q);
}

enum err job_index_list(struct redis_conn *conn, const struct job_index_page *page,
                        job_index_on_ids *done, void *context)
{
    struct question *q = NULL;
    TRY(new_question(conn, page, done, context, &q));
    const enum err e = ask_list(q, page->statuses, page->after);
    if (e != ERR_OK) {
        free(q);
    }
    return e;
}

/* ---- what is newer, oldest first */

static void on_newer(void *context, const struct redisReply *reply)
{
    struct span ids[JOB_INDEX_IDS_MAX];
    struct question *q = context;
    const enum err e = read_ids(reply, 0, ids, JOB_INDEX_IDS_MAX);
    if (e != ERR_OK) {
        answer_err(q, e);
        return;
    }
    const size_t count = reply->elements;
    const bool more = count > 0 && count >= q->limit;
    answer(q, ERR_OK, ids, count, more ? ids[count - 1] : (struct span){0});
}

enum err job_index_newer(struct redis_conn *conn, const struct job_index_page *page,
                         job_index_on_ids *done, void *context)
{
    struct question *q = NULL;
    char key[KEY_SIZE], from[1 + JOB_ID_SIZE], limit[NUMBER_SIZE];
    TRY(new_question(conn, page, done, context, &q));
    (void)snprintf(from, sizeof from, "(%.*s", SPAN_ARG(page->after));
    (void)snprintf(limit, sizeof limit, "%zu", q->limit);
    const struct span argv[] = {SPAN("ZRANGEBYLEX"), key_of(q, "index", key), span_of(from),
                                SPAN("+"),           SPAN("LIMIT"),           SPAN("0"),
                                span_of(limit)};
    const enum err e = redis_conn_command(conn, argv, sizeof argv / sizeof argv[0], on_newer, q);
    if (e != ERR_OK) {
        free(q);
    }
    return e;
}

/* ---- active jobs */

static int newest_first(const void *a, const void *b)
{
    return memcmp(((const struct span *)b)->ptr, ((const struct span *)a)->ptr, JOB_ID_LEN);
}

/* How many of the sorted ids do not sort before `after`. */
static size_t count_newer(const struct question *q, const struct span *ids, size_t count)
{
    size_t i = 0;
    while (i < count && q->after[0] != '\0' && memcmp(ids[i].ptr, q->after, JOB_ID_LEN) >= 0) {
        i++;
    }
    return i;
}

static void answer_members(struct question *q, struct span *ids, size_t count)
{
    if (count > 0) {
        qsort(ids, count, sizeof ids[0], newest_first);
    }
    const size_t from = count_newer(q, ids, count), left = count - from;
    const size_t told = left < JOB_INDEX_IDS_MAX ? left : JOB_INDEX_IDS_MAX;
    answer(q, ERR_OK, ids + from, told, told < left ? ids[from + told - 1] : (struct span){0});
}

static void on_members(void *context, const struct redisReply *reply)
{
    struct question *q = context;
    struct span *ids = calloc(SET_IDS_MAX, sizeof *ids);
    if (ids == NULL) {
        answer_err(q, ERR_NOMEM);
        return;
    }
    const enum err e = read_ids(reply, 0, ids, SET_IDS_MAX);
    if (e != ERR_OK) {
        answer_err(q, e);
    } else {
        answer_members(q, ids, reply->elements);
    }
    free(ids);
}

static void on_count(void *context, const struct redisReply *reply)
{
    struct question *q = context;
    char key[KEY_SIZE];
    if (reply == NULL || reply->type != REDIS_REPLY_INTEGER) {
        answer_err(q, reply == NULL || reply->type == REDIS_REPLY_ERROR ? ERR_UNAVAILABLE
                                                                        : ERR_INTERNAL);
        return;
    }
    if (reply->integer == 0) {
        answer(q, ERR_OK, &(struct span){0}, 0, (struct span){0});
        return;
    }
    enum err e = ERR_OK;
    if (reply->integer > JOB_INDEX_LIVE_MAX) {
        q->limit = JOB_INDEX_IDS_MAX;
        e = ask_list(q, SPAN("queued,running"), span_of(q->after));
    } else {
        const struct span argv[] = {SPAN("SMEMBERS"), key_of(q, "live", key)};
        e = redis_conn_command(q->conn, argv, 2, on_members, q);
    }
    if (e != ERR_OK) {
        answer_err(q, e);
    }
}

enum err job_index_live(struct redis_conn *conn, const struct job_index_page *page,
                        job_index_on_ids *done, void *context)
{
    struct question *q = NULL;
    char key[KEY_SIZE];
    TRY(new_question(conn, page, done, context, &q));
    const struct span argv[] = {SPAN("SCARD"), key_of(q, "live", key)};
    enum err e = span_copy(page->after, q->after, sizeof q->after);
    if (e == ERR_OK) {
        e = redis_conn_command(conn, argv, 2, on_count, q);
    }
    if (e != ERR_OK) {
        free(q);
    }
    return e;
}
