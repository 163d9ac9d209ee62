/* The end of an attempt, and what users command: lh_finish, lh_cancel, lh_retry, lh_remove. */
#include "ports/records_private.h"

#include <hiredis/hiredis.h>

enum { FINISH_STRIDE = 3, FINISH_DETAILS = 5 };

/* ---- finish */

static void on_finished(struct records *r, const struct records_call *call, enum err err,
                        const struct redisReply *reply)
{
    records_on_finished *done = (records_on_finished *)call->done;
    if (err == ERR_OK) {
        struct redisReply *const *e = records_array(reply, FINISH_STRIDE * (long)call->count);
        err = e != NULL ? ERR_OK : records_odd(call);
        for (size_t i = 0; e != NULL && err == ERR_OK && i < call->count; i++, e += FINISH_STRIDE) {
            struct record_finished *out = &r->results.finished[i];
            int64_t code = 0;
            if (!records_int(e[0], RECORD_FINISHED, RECORD_END_REFUSED, &code) ||
                !records_status(e[1], &out->status) || !records_u64(e[2], &out->version)) {
                err = records_odd(call);
            }
            out->code = (enum record_finish_code)code;
        }
    }
    done(call->context, err, err == ERR_OK ? r->results.finished : NULL,
         err == ERR_OK ? call->count : 0);
}

static size_t completed_details(struct records *r, const struct record_finish *f)
{
    records_arg(r, f->artifact.key);
    records_arg_u64(r, f->artifact.size_bytes);
    records_arg_hex(r, (struct span){(const char *)f->artifact.sha256, SHA256_SIZE});
    records_arg(r, f->artifact.file_name);
    records_arg(r, f->artifact.content_type);
    return 5;
}

static size_t failed_details(struct records *r, const struct record_finish *f)
{
    records_arg(r, f->failure.code);
    records_arg(r, f->failure.message);
    records_arg(r, f->failure.retryable ? SPAN("1") : SPAN("0"));
    records_arg_i64(r, f->retry_delay_ms > 0 ? f->retry_delay_ms : 0);
    return 4;
}

static void finish_item(struct records *r, const struct record_finish *f)
{
    records_arg(r, (struct span){f->attempt.job_id, JOB_ID_LEN});
    records_arg_u64(r, f->attempt.fence);
    records_arg_u64(r, (uint64_t)f->end);
    size_t details = 0;
    if (f->end == RECORD_END_COMPLETED) {
        details = completed_details(r, f);
    } else if (f->end == RECORD_END_FAILED) {
        details = failed_details(r, f);
    }
    for (; details < FINISH_DETAILS; details++) {
        records_arg(r, SPAN(""));
    }
}

enum err records_finish(struct records *r, const struct record_finish *items, size_t count,
                        records_on_finished *done, void *context)
{
    if (count == 0 || count > RECORDS_BATCH_MAX) {
        return ERR_TOO_LARGE;
    }
    records_begin(r, "lh_finish");
    records_arg(r, span_of(r->config.broker_id));
    records_arg_i64(r, r->config.artifact_ttl_ms);
    records_arg_i64(r, r->config.record_ttl_ms);
    for (size_t i = 0; i < count; i++) {
        finish_item(r, &items[i]);
    }
    const struct records_next next = {on_finished, (records_any_fn *)done, context, count, 0};
    return records_send(r, "lh_finish", &next);
}

/* ---- commands */

static void on_commanded(struct records *r, const struct records_call *call, enum err err,
                         const struct redisReply *reply)
{
    (void)r;
    records_on_commanded *done = (records_on_commanded *)call->done;
    struct record_commanded out = {0};
    if (err == ERR_OK) {
        int64_t code = 0;
        struct redisReply *const *e = records_array(reply, 3);
        if (e == NULL || !records_int(e[0], RECORD_CMD_DONE, RECORD_CMD_QUEUE_FULL, &code) ||
            !records_status(e[1], &out.status) || !records_u64(e[2], &out.version)) {
            err = records_odd(call);
        }
        out.code = (enum record_command_code)code;
    }
    done(call->context, err, err == ERR_OK ? &out : NULL);
}

enum err records_command(struct records *r, const struct record_command *command,
                         records_on_commanded *done, void *context)
{
    static const char *const functions[] = {
        [RECORD_CANCEL] = "lh_cancel", [RECORD_RETRY] = "lh_retry", [RECORD_REMOVE] = "lh_remove"};
    const char *function = functions[command->kind];
    records_begin(r, function);
    if (command->kind == RECORD_CANCEL) {
        records_arg_i64(r, r->config.record_ttl_ms);
    }
    if (command->kind == RECORD_RETRY) {
        records_arg_u64(r, r->config.user_active_max);
    }
    records_arg(r, command->job_id);
    if (command->kind != RECORD_CANCEL && command->command_id != 0) {
        records_arg_u64(r, command->command_id);
    } else if (command->kind != RECORD_CANCEL) {
        records_arg(r, SPAN(""));
    }
    if (command->kind == RECORD_RETRY) {
        records_arg_u64(r, r->config.queue_max);
    }
    const struct records_next next = {on_commanded, (records_any_fn *)done, context, 1, 0};
    return records_send(r, function, &next);
}
