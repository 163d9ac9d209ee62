/* What brokers do by themselves: lh_tick, lh_expire, lh_discarded, lh_audit, lh_stats. */
#include "ports/records_private.h"

#include <hiredis/hiredis.h>

enum {
    TICK_HEAD = 3,
    TICK_STRIDE = 3,
    EXPIRE_KEYS_MAX = 200, /* artifacts named by one call: what the function allows */
    AUDIT_COUNT = 100,     /* records looked at by one slice */
    STATS_COUNT = 7,
};

/* ---- tick */

static bool read_tick(struct records *r, struct redisReply *const *e, size_t elements,
                      struct records_tick_result *out)
{
    int64_t more = 0;
    const size_t count = (elements - TICK_HEAD) / TICK_STRIDE;
    if ((elements - TICK_HEAD) % TICK_STRIDE != 0 || count > RECORDS_CHANGES_MAX ||
        !records_u64(e[0], &out->ready) || !records_int(e[1], -1, INT64_MAX, &out->next_due_ms) ||
        !records_int(e[2], 0, 1, &more)) {
        return false;
    }
    e += TICK_HEAD;
    for (size_t i = 0; i < count; i++, e += TICK_STRIDE) {
        struct record_change *c = &r->results.changes[i];
        if (!records_text(e[0], &c->job_id) || !records_status(e[1], &c->status) ||
            !records_u64(e[2], &c->version)) {
            return false;
        }
    }
    out->changes = r->results.changes;
    out->changes_count = count;
    out->more = more != 0;
    return true;
}

static void on_tick(struct records *r, const struct records_call *call, enum err err,
                    const struct redisReply *reply)
{
    records_on_tick *done = (records_on_tick *)call->done;
    struct records_tick_result out = {.next_due_ms = -1};
    if (err == ERR_OK) {
        struct redisReply *const *e = records_array(reply, RECORDS_ANY);
        if (e == NULL || reply->elements < TICK_HEAD || !read_tick(r, e, reply->elements, &out)) {
            err = records_odd(call);
        }
    }
    done(call->context, err, err == ERR_OK ? &out : NULL);
}

enum err records_tick(struct records *r, records_on_tick *done, void *context)
{
    records_begin(r, "lh_tick");
    records_arg_i64(r, r->config.record_ttl_ms);
    const struct records_next next = {on_tick, (records_any_fn *)done, context, 0, 0};
    return records_send(r, "lh_tick", &next);
}

/* ---- retention */

static void on_expired(struct records *r, const struct records_call *call, enum err err,
                       const struct redisReply *reply)
{
    records_on_expired *done = (records_on_expired *)call->done;
    struct records_expired out = {.keys = r->results.keys};
    if (err == ERR_OK) {
        int64_t more = 0;
        struct redisReply *const *e = records_array(reply, RECORDS_ANY);
        bool ok = e != NULL && reply->elements >= 1 && reply->elements <= RECORDS_BATCH_MAX &&
                  records_int(e[0], 0, 1, &more);
        out.keys_count = ok ? reply->elements - 1 : 0;
        out.more = more != 0;
        for (size_t i = 0; ok && i < out.keys_count; i++) {
            ok = records_text(e[i + 1], &r->results.keys[i]);
        }
        err = ok ? ERR_OK : records_odd(call);
    }
    done(call->context, err, err == ERR_OK ? &out : NULL);
}

enum err records_expire(struct records *r, records_on_expired *done, void *context)
{
    records_begin(r, "lh_expire");
    records_arg_i64(r, r->config.record_ttl_ms);
    records_arg_u64(r, EXPIRE_KEYS_MAX);
    const struct records_next next = {on_expired, (records_any_fn *)done, context, 0, 0};
    return records_send(r, "lh_expire", &next);
}

static void on_discarded(struct records *r, const struct records_call *call, enum err err,
                         const struct redisReply *reply)
{
    (void)r;
    records_on_done *done = (records_on_done *)call->done;
    uint64_t known = 0;
    if (err == ERR_OK && !records_u64(reply, &known)) {
        err = records_odd(call);
    }
    done(call->context, err);
}

enum err records_discarded(struct records *r, const struct span *artifact_keys, size_t count,
                           records_on_done *done, void *context)
{
    if (count == 0 || count > RECORDS_BATCH_MAX) {
        return ERR_TOO_LARGE;
    }
    records_begin(r, "lh_discarded");
    for (size_t i = 0; i < count; i++) {
        records_arg(r, artifact_keys[i]);
    }
    const struct records_next next = {on_discarded, (records_any_fn *)done, context, count, 0};
    return records_send(r, "lh_discarded", &next);
}

/* ---- audit and numbers */

static void on_audit(struct records *r, const struct records_call *call, enum err err,
                     const struct redisReply *reply)
{
    (void)r;
    records_on_audit *done = (records_on_audit *)call->done;
    struct records_audit_result out = {0};
    int64_t wrapped = 0;
    if (err == ERR_OK) {
        struct redisReply *const *e = records_array(reply, 3);
        if (e == NULL || !records_u64(e[0], &out.seen) || !records_u64(e[1], &out.repaired) ||
            !records_int(e[2], 0, 1, &wrapped)) {
            err = records_odd(call);
        }
        out.wrapped = wrapped != 0;
    }
    done(call->context, err, err == ERR_OK ? &out : NULL);
}

enum err records_audit(struct records *r, records_on_audit *done, void *context)
{
    records_begin(r, "lh_audit");
    records_arg_i64(r, r->config.record_ttl_ms);
    records_arg_u64(r, AUDIT_COUNT);
    const struct records_next next = {on_audit, (records_any_fn *)done, context, 0, 0};
    return records_send(r, "lh_audit", &next);
}

static void on_stats(struct records *r, const struct records_call *call, enum err err,
                     const struct redisReply *reply)
{
    (void)r;
    records_on_stats *done = (records_on_stats *)call->done;
    struct records_stats out = {.oldest_waiting_ms = -1};
    uint64_t *const counts[] = {&out.ready,  &out.delayed, &out.running,
                                &out.parked, &out.kept,    &out.garbage};
    if (err == ERR_OK) {
        struct redisReply *const *e = records_array(reply, STATS_COUNT);
        bool ok =
            e != NULL && records_int(e[STATS_COUNT - 1], -1, INT64_MAX, &out.oldest_waiting_ms);
        for (size_t i = 0; ok && i < STATS_COUNT - 1; i++) {
            ok = records_u64(e[i], counts[i]);
        }
        err = ok ? ERR_OK : records_odd(call);
    }
    done(call->context, err, err == ERR_OK ? &out : NULL);
}

enum err records_get_stats(struct records *r, records_on_stats *done, void *context)
{
    records_begin(r, "lh_stats");
    const struct records_next next = {on_stats, (records_any_fn *)done, context, 0, 0};
    return records_send(r, "lh_stats", &next);
}
