/* POST /cancel/:jobId, POST /retry/:jobId, DELETE /:jobId: one command to a broker each. */
#include "core/status_json.h"
#include "gateway/command_rules.h"
#include "gateway/handlers.h"
#include "gateway/loop.h"
#include "gateway/record_reads.h"
#include "gateway/reply.h"
#include "gateway/status_reply.h"

#include <string.h>

static void reply_with_200(struct exchange *x, const struct job_record *record)
{
    status_reply(x, 200, record);
}

static void reply_with_202(struct exchange *x, const struct job_record *record)
{
    status_reply(x, 202, record);
}

static void reply_queued(struct exchange *x, int status)
{
    struct buf *body = &x->loop->scratch;
    buf_reset(body);
    status_json_render_queued(x->param, body);
    reply_begin(x, status);
    reply_header_named(x, SPAN("retry-after"), SPAN("1"));
    reply_scratch(x, REPLY_JSON);
}

static void on_answer(struct broker_call *call, enum err err, const struct wire_message *answer)
{
    struct exchange *x = exchange_of_call(call);
    if (err != ERR_OK || answer->kind != WIRE_COMMAND_REPLY) {
        reply_problem(x, PROBLEM_UNAVAILABLE, (struct span){0});
        return;
    }
    const struct command_rule *rule =
        command_rule_of(call->message.command.kind, answer->command_reply.code);
    switch (rule->answer) {
    case ANSWER_PROBLEM:
        reply_problem(x, rule->problem, (struct span){0});
        break;
    case ANSWER_STATUS_OBJECT:
        record_read_for(x, rule->status == 202 ? reply_with_202 : reply_with_200);
        break;
    case ANSWER_QUEUED:
        reply_queued(x, rule->status);
        break;
    case ANSWER_NOTHING:
        reply_begin(x, rule->status);
        reply_empty(x);
        break;
    }
}

static void command_now(struct exchange *x, enum command_kind kind)
{
    x->call.done = on_answer;
    x->call.message =
        (struct wire_message){.kind = WIRE_COMMAND,
                              .command = {.kind = kind,
                                          .job_id = exchange_copy(x, x->param),
                                          .command_id = id_source_u64(&x->loop->ids)}};
    const enum err e = broker_call_start(&x->loop->brokers, &x->call);
    if (e != ERR_OK) {
        reply_err(x, e);
    }
}

static void on_own_record(struct exchange *x, const struct job_record *record)
{
    const enum command_kind *kind = x->state;
    (void)record; /* the caller may see it, and a job's user never changes */
    command_now(x, *kind);
}

/* Whose job it is must be known before anything is done to it. */
static void command(struct exchange *x, enum command_kind kind)
{
    if (!x->caller.known || x->caller.admin) {
        command_now(x, kind);
        return;
    }
    enum command_kind *kept = exchange_alloc(x, sizeof *kept);
    *kept = kind;
    x->state = kept;
    record_read_for(x, on_own_record);
}

void handle_cancel(struct exchange *x)
{
    command(x, COMMAND_CANCEL);
}

void handle_retry(struct exchange *x)
{
    command(x, COMMAND_RETRY);
}

void handle_remove(struct exchange *x)
{
    command(x, COMMAND_REMOVE);
}
