/* Replies taken apart, and what Redis' errors mean. */
#include "base/log.h"
#include "ports/records_private.h"

#include <hiredis/hiredis.h>

struct redisReply *const *records_array(const struct redisReply *reply, long count)
{
    if (reply->type != REDIS_REPLY_ARRAY ||
        (count != RECORDS_ANY && reply->elements != (size_t)count)) {
        return NULL;
    }
    static struct redisReply *const none[1] = {0};
    return reply->elements > 0 ? reply->element : none;
}

bool records_int(const struct redisReply *reply, int64_t min, int64_t max, int64_t *out)
{
    if (reply->type != REDIS_REPLY_INTEGER || reply->integer < min || reply->integer > max) {
        return false;
    }
    *out = reply->integer;
    return true;
}

bool records_u64(const struct redisReply *reply, uint64_t *out)
{
    int64_t n = 0;
    if (!records_int(reply, 0, INT64_MAX, &n)) {
        return false;
    }
    *out = (uint64_t)n;
    return true;
}

bool records_text(const struct redisReply *reply, struct span *out)
{
    if (reply->type != REDIS_REPLY_STRING) {
        return false;
    }
    *out = (struct span){reply->str, reply->len};
    return true;
}

bool records_status(const struct redisReply *reply, enum job_status *out)
{
    int64_t n = 0;
    if (!records_int(reply, 0, JOB_STATUS_COUNT - 1, &n)) {
        return false;
    }
    *out = (enum job_status)n;
    return true;
}

enum err records_odd(const struct records_call *call)
{
    log_error("redis.odd_reply", "%s answered what it should not", call->function);
    return ERR_INTERNAL;
}

bool records_function_missing(const struct redisReply *reply)
{
    return span_starts((struct span){reply->str, reply->len}, SPAN("ERR Function not found"));
}

/* Errors that pass by themselves: nothing was done, or the call may be repeated. */
enum err records_error(const struct redisReply *reply)
{
    static const char *const passing[] = {
        "LOADING ",     "OOM ",        "READONLY ",
        "MISCONF ",     "MASTERDOWN ", "NOREPLICAS ",
        "CLUSTERDOWN ", "BUSY ",       "ERR Function not found",
    };
    const struct span text = {reply->str, reply->len};
    for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++) {
        if (span_starts(text, span_of(passing[i]))) {
            return ERR_UNAVAILABLE;
        }
    }
    return ERR_INTERNAL;
}
