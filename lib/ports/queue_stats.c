#include "ports/queue_stats.h"

#include "base/span.h"

#include <hiredis/hiredis.h>

#include <stdio.h>
#include <stdlib.h>

enum { NS_SIZE = 24, NUMBERS = 7 };

struct question {
    queue_on_stats *done;
    void *context;
};

static enum err read_stats(const struct redisReply *reply, struct queue_stats *out)
{
    int64_t *const numbers[NUMBERS] = {
        &out->ready, &out->delayed, &out->running,          &out->parked,
        &out->kept,  &out->garbage, &out->oldest_waiting_ms};
    if (reply == NULL || reply->type == REDIS_REPLY_ERROR) {
        return ERR_UNAVAILABLE;
    }
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != NUMBERS) {
        return ERR_INTERNAL;
    }
    for (size_t i = 0; i < NUMBERS; i++) {
        const struct redisReply *e = reply->element[i];
        if (e->type != REDIS_REPLY_INTEGER || e->integer < -1) {
            return ERR_INTERNAL;
        }
        *numbers[i] = e->integer;
    }
    return ERR_OK;
}

static void on_reply(void *context, const struct redisReply *reply)
{
    const struct question q = *(struct question *)context;
    free(context);
    struct queue_stats stats;
    const enum err e = read_stats(reply, &stats);
    q.done(q.context, e, e == ERR_OK ? &stats : NULL);
}

enum err queue_stats_get(struct redis_conn *conn, unsigned shard, queue_on_stats *done,
                         void *context)
{
    char ns[NS_SIZE];
    struct question *q = malloc(sizeof *q);
    if (q == NULL) {
        return ERR_NOMEM;
    }
    *q = (struct question){.done = done, .context = context};
    (void)snprintf(ns, sizeof ns, "lh:{%u}:", shard);
    const struct span argv[] = {SPAN("FCALL_RO"), SPAN("lh_stats"), SPAN("1"), span_of(ns),
                                SPAN("0")};
    const enum err e = redis_conn_command(conn, argv, sizeof argv / sizeof argv[0], on_reply, q);
    if (e != ERR_OK) {
        free(q);
    }
    return e;
}
