/* Jobs in and jobs out to workers: lh_submit, lh_claim. */
#include "ports/records_private.h"

#include <hiredis/hiredis.h>

#include <string.h>

/* ---- submit */

static bool read_submitted(struct redisReply *const *e, size_t workers,
                           struct record_submitted *out)
{
    int64_t code = 0, worker = 0;
    if (!records_int(e[0], RECORD_QUEUED, RECORD_QUEUE_FULL, &code)) {
        return false;
    }
    *out = (struct record_submitted){.code = (enum record_submit_code)code};
    if (out->code == RECORD_REPLAYED) {
        return records_text(e[1], &out->job_id);
    }
    if (out->code == RECORD_CLAIMED) {
        const bool ok = workers > 0 && records_int(e[1], 0, (int64_t)workers - 1, &worker);
        out->worker = (size_t)worker;
        return ok;
    }
    return true;
}

static void on_submitted(struct records *r, const struct records_call *call, enum err err,
                         const struct redisReply *reply)
{
    records_on_submitted *done = (records_on_submitted *)call->done;
    if (err == ERR_OK) {
        struct redisReply *const *e = records_array(reply, 2 * (long)call->count);
        err = e != NULL ? ERR_OK : records_odd(call);
        for (size_t i = 0; e != NULL && err == ERR_OK && i < call->count; i++) {
            if (!read_submitted(e + 2 * i, call->offered, &r->results.submitted[i])) {
                err = records_odd(call);
            }
        }
    }
    done(call->context, err, err == ERR_OK ? r->results.submitted : NULL,
         err == ERR_OK ? call->count : 0);
}

static void submit_item(struct records *r, const struct record_submit *job)
{
    records_arg(r, job->job_id);
    records_arg(r, job->user_id);
    records_arg_u64(r, job->file_id);
    records_arg_u64(r, job->priority);
    records_arg_u64(r, job->delay_ms);
    records_arg_u64(r, job->timeout_ms);
    records_arg_u64(r, job->max_attempts);
    records_arg(r, job->spec);
    if (job->idempotency_hash.len > 0) {
        records_arg_owned_hex(r, job->idempotency_owner, job->idempotency_hash);
    } else {
        records_arg(r, SPAN(""));
    }
    records_arg_hex(r, job->fingerprint);
}

/* One call is one atomic step over jobs and workers, so it takes both arrays. */
/* NOLINTNEXTLINE(readability-function-size) */
enum err records_submit(struct records *r, const struct record_submit *jobs, size_t count,
                        const struct span *workers, size_t workers_count,
                        records_on_submitted *done, void *context)
{
    if (count == 0 || count > RECORDS_BATCH_MAX) {
        return ERR_TOO_LARGE;
    }
    const size_t offered = workers_count < count ? workers_count : count;
    records_begin(r, "lh_submit");
    records_arg(r, span_of(r->config.broker_id));
    records_arg_u64(r, r->config.queue_max);
    records_arg_u64(r, r->config.user_active_max);
    records_arg_u64(r, r->config.user_running_max);
    records_arg_i64(r, r->config.idempotency_ttl_ms);
    records_arg_u64(r, offered);
    for (size_t i = 0; i < offered; i++) {
        records_arg(r, workers[i]);
    }
    for (size_t i = 0; i < count; i++) {
        submit_item(r, &jobs[i]);
    }
    const struct records_next next = {on_submitted, (records_any_fn *)done, context, count,
                                      offered};
    return records_send(r, "lh_submit", &next);
}

/* ---- claim */

enum { CLAIM_STRIDE = 7 };

static bool text_u64(const struct redisReply *reply, uint64_t max, uint64_t *out)
{
    struct span text;
    return records_text(reply, &text) && span_to_u64(text, out) == ERR_OK && *out <= max;
}

static bool read_claimed(struct redisReply *const *e, struct record_claimed *out)
{
    struct span id;
    uint64_t timeout_ms = 0, failures = 0;
    if (!records_text(e[0], &id) || !job_id_valid(id) ||
        span_copy(id, out->attempt.job_id, sizeof(out->attempt.job_id)) != ERR_OK ||
        !records_u64(e[1], &out->attempt.fence) || !records_u64(e[2], &out->version) ||
        !text_u64(e[3], JOB_FILE_ID_MAX, &out->file_id) ||
        !text_u64(e[4], UINT32_MAX, &timeout_ms) || !text_u64(e[5], UINT32_MAX, &failures)) {
        return false;
    }
    out->timeout_ms = (uint32_t)timeout_ms;
    out->failures = (uint32_t)failures;
    return records_text(e[6], &out->spec);
}

static void on_claimed(struct records *r, const struct records_call *call, enum err err,
                       const struct redisReply *reply)
{
    records_on_claimed *done = (records_on_claimed *)call->done;
    size_t count = 0;
    if (err == ERR_OK) {
        struct redisReply *const *e = records_array(reply, RECORDS_ANY);
        count = e != NULL ? reply->elements / CLAIM_STRIDE : 0;
        if (e == NULL || reply->elements % CLAIM_STRIDE != 0 || count > call->count) {
            err = records_odd(call);
        }
        for (size_t i = 0; err == ERR_OK && i < count; i++) {
            r->results.claimed[i].worker = i;
            if (!read_claimed(e + CLAIM_STRIDE * i, &r->results.claimed[i])) {
                err = records_odd(call);
            }
        }
    }
    done(call->context, err, err == ERR_OK ? r->results.claimed : NULL, err == ERR_OK ? count : 0);
}

enum err records_claim(struct records *r, const struct span *workers, size_t workers_count,
                       records_on_claimed *done, void *context)
{
    const size_t count = workers_count < RECORDS_BATCH_MAX ? workers_count : RECORDS_BATCH_MAX;
    records_begin(r, "lh_claim");
    records_arg(r, span_of(r->config.broker_id));
    records_arg_u64(r, r->config.user_running_max);
    for (size_t i = 0; i < count; i++) {
        records_arg(r, workers[i]);
    }
    const struct records_next next = {on_claimed, (records_any_fn *)done, context, count, count};
    return records_send(r, "lh_claim", &next);
}
