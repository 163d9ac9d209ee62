#include "ports/record_reader.h"

#include "base/log.h"

#include <hiredis/hiredis.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRS_MAX = 128 }; /* spans: twice the fields of a record, with room for later ones */

/* One read, from asking to answering. */
struct read {
    struct redis_conn *conn; /* borrowed */
    reader_on_record *done;
    void *context;
    char job_id[JOB_ID_SIZE];
};

static void answer(struct read *read, enum err err, const struct job_record *record)
{
    const struct read r = *read;
    free(read);
    r.done(r.context, err, err == ERR_OK ? record : NULL);
}

static enum err reply_error(const struct redisReply *reply)
{
    if (reply == NULL) {
        return ERR_UNAVAILABLE;
    }
    return reply->type == REDIS_REPLY_ERROR ? ERR_UNAVAILABLE : ERR_OK;
}

static enum err decode(const struct read *read, struct redisReply *const *elements, size_t count,
                       struct job_record *out)
{
    struct span pairs[PAIRS_MAX];
    if (count > PAIRS_MAX) {
        return ERR_INTERNAL;
    }
    for (size_t i = 0; i < count; i++) {
        if (elements[i]->type != REDIS_REPLY_STRING) {
            return ERR_INTERNAL;
        }
        pairs[i] = (struct span){elements[i]->str, elements[i]->len};
    }
    const enum err e = job_record_decode(span_of(read->job_id), pairs, count, out);
    if (e == ERR_INVALID) {
        log_error("record.damaged", "%s", read->job_id);
        return ERR_INTERNAL;
    }
    return e;
}

/* lh_snapshot: the place in the queue, then the record of the same moment. */
static void on_snapshot(void *context, const struct redisReply *reply)
{
    struct read *read = context;
    struct job_record record;
    enum err e = reply_error(reply);
    if (e == ERR_OK && reply->type != REDIS_REPLY_ARRAY) {
        e = ERR_INTERNAL;
    }
    if (e == ERR_OK && reply->elements == 0) {
        e = ERR_NOT_FOUND;
    }
    if (e == ERR_OK && reply->element[0]->type != REDIS_REPLY_INTEGER) {
        e = ERR_INTERNAL;
    }
    if (e == ERR_OK) {
        e = decode(read, reply->element + 1, reply->elements - 1, &record);
    }
    if (e == ERR_OK) {
        record.queue_position = reply->element[0]->integer;
    }
    answer(read, e, &record);
}

static enum err ask_snapshot(struct read *read)
{
    char ns[24];
    (void)snprintf(ns, sizeof(ns), "lh:{%u}:", job_id_shard(span_of(read->job_id)));
    const struct span argv[] = {SPAN("FCALL_RO"), SPAN("lh_snapshot"), SPAN("1"),
                                span_of(ns),      SPAN("0"),           span_of(read->job_id)};
    return redis_conn_command(read->conn, argv, 6, on_snapshot, read);
}

static void on_hash(void *context, const struct redisReply *reply)
{
    struct read *read = context;
    struct job_record record;
    enum err e = reply_error(reply);
    if (e == ERR_OK && reply->type != REDIS_REPLY_ARRAY) {
        e = ERR_INTERNAL;
    }
    if (e == ERR_OK) {
        e = decode(read, reply->element, reply->elements, &record);
    }
    /* Without the second step the record is still true; only its place is not known. */
    if (e == ERR_OK && record.status == JOB_QUEUED && ask_snapshot(read) == ERR_OK) {
        return;
    }
    answer(read, e, &record);
}

enum err reader_get(struct redis_conn *conn, struct span job_id, reader_on_record *done,
                    void *context)
{
    if (!job_id_valid(job_id)) {
        return ERR_NOT_FOUND;
    }
    struct read *read = malloc(sizeof(*read));
    if (read == NULL) {
        return ERR_NOMEM;
    }
    *read = (struct read){.conn = conn, .done = done, .context = context};
    char key[sizeof(JOB_KEY_PREFIX) + JOB_ID_SIZE];
    (void)snprintf(key, sizeof(key), JOB_KEY_PREFIX "%.*s", SPAN_ARG(job_id));
    memcpy(read->job_id, job_id.ptr, JOB_ID_LEN);
    const struct span argv[] = {SPAN("HGETALL"), span_of(key)};
    const enum err e = redis_conn_command(conn, argv, 2, on_hash, read);
    if (e != ERR_OK) {
        free(read);
    }
    return e;
}
