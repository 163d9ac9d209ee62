/* While an attempt runs: lh_renew, lh_progress. */
#include "ports/records_private.h"

#include <hiredis/hiredis.h>

enum { RENEW_STRIDE = 3, PROGRESS_STRIDE = 4 };

static bool read_hold(const struct redisReply *reply, enum record_hold *out)
{
    int64_t n = 0;
    const bool ok = records_int(reply, RECORD_HELD, RECORD_CANCEL_WANTED, &n);
    *out = (enum record_hold)n;
    return ok;
}

static void arg_attempt(struct records *r, const struct attempt *a)
{
    records_arg(r, (struct span){a->job_id, JOB_ID_LEN});
    records_arg_u64(r, a->fence);
}

/* ---- renew */

static void on_renewed(struct records *r, const struct records_call *call, enum err err,
                       const struct redisReply *reply)
{
    records_on_renewed *done = (records_on_renewed *)call->done;
    if (err == ERR_OK) {
        struct redisReply *const *e = records_array(reply, RENEW_STRIDE * (long)call->count);
        err = e != NULL ? ERR_OK : records_odd(call);
        for (size_t i = 0; e != NULL && err == ERR_OK && i < call->count; i++, e += RENEW_STRIDE) {
            struct record_renewed *out = &r->results.renewed[i];
            if (!read_hold(e[0], &out->hold) || !records_u64(e[1], &out->version) ||
                !records_u64(e[2], &out->transition)) {
                err = records_odd(call);
            }
        }
    }
    done(call->context, err, err == ERR_OK ? r->results.renewed : NULL,
         err == ERR_OK ? call->count : 0);
}

enum err records_renew(struct records *r, const struct attempt *attempts, size_t count,
                       records_on_renewed *done, void *context)
{
    if (count == 0 || count > RECORDS_BATCH_MAX) {
        return ERR_TOO_LARGE;
    }
    records_begin(r, "lh_renew");
    records_arg(r, span_of(r->config.broker_id));
    for (size_t i = 0; i < count; i++) {
        arg_attempt(r, &attempts[i]);
    }
    const struct records_next next = {on_renewed, (records_any_fn *)done, context, count, 0};
    return records_send(r, "lh_renew", &next);
}

/* ---- progress */

static void on_progressed(struct records *r, const struct records_call *call, enum err err,
                          const struct redisReply *reply)
{
    records_on_progressed *done = (records_on_progressed *)call->done;
    if (err == ERR_OK) {
        struct redisReply *const *e = records_array(reply, PROGRESS_STRIDE * (long)call->count);
        err = e != NULL ? ERR_OK : records_odd(call);
        for (size_t i = 0; e != NULL && err == ERR_OK && i < call->count;
             i++, e += PROGRESS_STRIDE) {
            struct record_progressed *out = &r->results.progressed[i];
            if (!read_hold(e[0], &out->hold) || !records_u64(e[1], &out->version) ||
                !records_u64(e[2], &out->transition) ||
                !records_int(e[3], 0, INT64_MAX, &out->updated_at_s)) {
                err = records_odd(call);
            }
        }
    }
    done(call->context, err, err == ERR_OK ? r->results.progressed : NULL,
         err == ERR_OK ? call->count : 0);
}

enum err records_progress(struct records *r, const struct record_progress *items, size_t count,
                          records_on_progressed *done, void *context)
{
    if (count == 0 || count > RECORDS_BATCH_MAX) {
        return ERR_TOO_LARGE;
    }
    records_begin(r, "lh_progress");
    for (size_t i = 0; i < count; i++) {
        const struct meter *m = &items[i].meter;
        arg_attempt(r, &items[i].attempt);
        records_arg_i64(r, m->percent);
        records_arg_i64(r, m->eta_s);
        records_arg(r, span_of(job_stage_name(m->stage)));
        records_arg_u64(r, m->bytes_done);
        records_arg_i64(r, m->bytes_total);
    }
    const struct records_next next = {on_progressed, (records_any_fn *)done, context, count, 0};
    return records_send(r, "lh_progress", &next);
}
