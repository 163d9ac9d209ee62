/* GET /admin/api/jobs/:jobId, and POST /admin/api/jobs/retry and /cancel: one command a job, all at
 * once, each with an outcome of its own. */
#include "core/admin_request.h"
#include "core/history_json.h"
#include "core/status_json.h"
#include "gateway/admin_handlers.h"
#include "gateway/command_rules.h"
#include "gateway/loop.h"
#include "gateway/record_reads.h"
#include "gateway/reply.h"

/* ---- one job with its history */

static void on_record(struct exchange *x, const struct job_record *record)
{
    struct buf *out = &x->loop->scratch;
    buf_reset(out);
    (void)buf_text(out, "{\"job\":");
    status_json_render(record, NULL, out);
    (void)buf_text(out, ",\"workerId\":");
    if (record->worker_id.len > 0) {
        (void)buf_json_string(out, record->worker_id);
    } else {
        (void)buf_text(out, "null");
    }
    (void)buf_printf(out, ",\"cancelWanted\":%s,\"retries\":%u,\"history\":",
                     record->cancel_wanted ? "true" : "false", record->retries);
    history_json_render(record, out);
    (void)buf_char(out, '}');
    reply_begin(x, 200);
    reply_header(x, H2O_TOKEN_CACHE_CONTROL, SPAN("no-store"));
    reply_scratch(x, REPLY_JSON);
}

void admin_job(struct exchange *x)
{
    record_read_for(x, on_record);
}

/* ---- many jobs */

struct item {
    struct broker_call call;
    struct batch *batch;
    bool done; /* else `problem` says why not */
    enum problem_code problem;
};

struct batch {
    struct exchange *exchange;
    enum command_kind kind;
    size_t waiting;
    struct admin_jobs jobs;
    struct item items[ADMIN_JOBS_MAX];
};

static void put_item(struct buf *out, const struct batch *b, size_t i)
{
    const struct item *item = &b->items[i];
    (void)buf_printf(out, "%s{\"jobId\":\"%s\",\"done\":%s", i > 0 ? "," : "", b->jobs.ids[i],
                     item->done ? "true" : "false");
    if (!item->done) {
        const struct problem_def *def = problem_def(item->problem);
        (void)buf_text(out, ",\"code\":");
        (void)buf_json_string(out, def->code);
        (void)buf_text(out, ",\"title\":");
        (void)buf_json_string(out, def->title);
    }
    (void)buf_char(out, '}');
}

static void reply_batch(struct batch *b)
{
    struct exchange *x = b->exchange;
    struct buf *out = &x->loop->scratch;
    buf_reset(out);
    (void)buf_text(out, "{\"results\":[");
    for (size_t i = 0; i < b->jobs.count; i++) {
        put_item(out, b, i);
    }
    (void)buf_text(out, "]}");
    reply_begin(x, 200);
    reply_header(x, H2O_TOKEN_CACHE_CONTROL, SPAN("no-store"));
    reply_scratch(x, REPLY_JSON);
}

static void settle(struct batch *b)
{
    if (--b->waiting == 0) {
        reply_batch(b);
    }
}

static void on_answer(struct broker_call *call, enum err err, const struct wire_message *answer)
{
    struct item *item = OWNER_OF(struct item, call, call);
    if (err == ERR_OK && answer->kind == WIRE_COMMAND_REPLY) {
        const struct command_rule *rule =
            command_rule_of(item->batch->kind, answer->command_reply.code);
        item->done = rule->answer != ANSWER_PROBLEM;
        item->problem = rule->problem;
    }
    settle(item->batch);
}

static void start(struct batch *b, size_t i)
{
    struct gateway_loop *loop = b->exchange->loop;
    struct item *item = &b->items[i];
    item->batch = b;
    item->problem = PROBLEM_UNAVAILABLE; /* until somebody answers */
    item->call.done = on_answer;
    item->call.message =
        (struct wire_message){.kind = WIRE_COMMAND,
                              .command = {.kind = b->kind,
                                          .job_id = span_of(b->jobs.ids[i]),
                                          .command_id = id_source_u64(&loop->ids)}};
    b->waiting += broker_call_start(&loop->brokers, &item->call) == ERR_OK ? 1 : 0;
}

static void on_end(struct exchange *x)
{
    struct batch *b = x->state;
    for (size_t i = 0; i < b->jobs.count; i++) {
        broker_call_cancel(&b->items[i].call);
    }
}

static void command_all(struct exchange *x, enum command_kind kind)
{
    struct admin_refusal refusal = {0};
    struct batch *b = exchange_alloc(x, sizeof *b);
    const enum err e = admin_jobs_read(span_of_iovec(x->req->entity), &b->jobs, &refusal);
    if (e == ERR_INVALID) {
        reply_problem_at(x, refusal.code, span_of(refusal.detail), span_of(refusal.pointer));
        return;
    }
    if (e != ERR_OK) {
        reply_err(x, e);
        return;
    }
    b->exchange = x;
    b->kind = kind;
    b->waiting = 1; /* this function's own, so that nothing ends before all is asked */
    x->state = b;
    x->on_end = on_end;
    for (size_t i = 0; i < b->jobs.count; i++) {
        start(b, i);
    }
    settle(b);
}

void admin_jobs_retry(struct exchange *x)
{
    command_all(x, COMMAND_RETRY);
}

void admin_jobs_cancel(struct exchange *x)
{
    command_all(x, COMMAND_CANCEL);
}
