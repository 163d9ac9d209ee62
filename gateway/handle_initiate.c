/* POST /v1/download/initiate: parse, give the job its id, ask a broker, answer 202 only when the
 * broker says that the job is recorded. */
#include "base/clock.h"
#include "core/idempotency.h"
#include "core/initiate.h"
#include "core/status_json.h"
#include "gateway/content_type.h"
#include "gateway/handlers.h"
#include "gateway/in_flight_keys.h"
#include "gateway/loop.h"
#include "gateway/reply.h"
#include "gateway/server.h"

#include <string.h>

struct initiate {
    char job_id[JOB_ID_SIZE];
    unsigned char hash[SHA256_SIZE], fingerprint[SHA256_SIZE];
    bool has_key;
    struct span key_owner; /* in the pool, or the caller's */
    struct span in_flight; /* noted in the process's table; empty: not */
};

static void leave_in_flight(struct exchange *x)
{
    struct initiate *job = x->state;
    if (job->in_flight.len > 0) {
        in_flight_keys_leave(x->loop->server->keys, job->in_flight);
        job->in_flight.len = 0;
    }
}

static void reply_accepted(struct exchange *x, struct span job_id, bool replayed)
{
    static const char location_prefix[] = "/v1/download/status/";
    const size_t prefix = sizeof location_prefix - 1;
    char *location = exchange_alloc(x, prefix + JOB_ID_SIZE);
    memcpy(location, location_prefix, prefix);
    memcpy(location + prefix, job_id.ptr, job_id.len);
    reply_begin(x, 202);
    reply_header(x, H2O_TOKEN_LOCATION, (struct span){location, prefix + job_id.len});
    reply_header_named(x, SPAN("retry-after"), SPAN("1"));
    if (replayed) {
        reply_header_named(x, SPAN("idempotency-replayed"), SPAN("true"));
    }
    struct buf *body = &x->loop->scratch;
    buf_reset(body);
    status_json_render_queued(job_id, body);
    reply_scratch(x, REPLY_JSON);
}

/* What a broker's answer means; PROBLEM_CODE_COUNT: accepted. */
static const enum problem_code submit_problems[SUBMIT_CODE_COUNT] = {
    [SUBMIT_ACCEPTED] = PROBLEM_CODE_COUNT,           [SUBMIT_REPLAYED] = PROBLEM_CODE_COUNT,
    [SUBMIT_CONFLICT] = PROBLEM_IDEMPOTENCY_CONFLICT, [SUBMIT_QUOTA] = PROBLEM_QUOTA_EXCEEDED,
    [SUBMIT_QUEUE_FULL] = PROBLEM_QUEUE_FULL,         [SUBMIT_UNAVAILABLE] = PROBLEM_UNAVAILABLE,
};

static void on_answer(struct broker_call *call, enum err err, const struct wire_message *answer)
{
    struct exchange *x = exchange_of_call(call);
    leave_in_flight(x); /* before the reply: its reader may come back with the key at once */
    if (err != ERR_OK || answer->kind != WIRE_SUBMIT_REPLY) {
        reply_problem(x, PROBLEM_UNAVAILABLE, (struct span){0});
        return;
    }
    const enum submit_code code = answer->submit_reply.code;
    if (submit_problems[code] != PROBLEM_CODE_COUNT) {
        reply_problem(x, submit_problems[code], (struct span){0});
        return;
    }
    const struct initiate *job = x->state;
    const bool replayed = code == SUBMIT_REPLAYED;
    const struct span id = replayed ? answer->submit_reply.job_id : span_of(job->job_id);
    if (!job_id_valid(id)) {
        reply_problem(x, PROBLEM_INTERNAL, (struct span){0});
        return;
    }
    reply_accepted(x, id, replayed);
}

/* Its hash, then its owner. */
static struct span in_flight_name(struct exchange *x, const struct initiate *job)
{
    const struct span owner = job->key_owner;
    char *name = exchange_alloc(x, sizeof job->hash + owner.len);
    memcpy(name, job->hash, sizeof job->hash);
    if (owner.len > 0) {
        memcpy(name + sizeof job->hash, owner.ptr, owner.len);
    }
    return (struct span){name, sizeof job->hash + owner.len};
}

/* A key is its caller's, whosever the job will be. False: answered already. */
static bool take_key(struct exchange *x, struct initiate *job, const struct initiate_request *r)
{
    struct span value;
    struct idempotency_key key;
    if (!exchange_header(x, "idempotency-key", &value)) {
        return true;
    }
    if (idempotency_key_parse(value, &key) != ERR_OK) {
        reply_problem(x, PROBLEM_IDEMPOTENCY_KEY_INVALID, (struct span){0});
        return false;
    }
    if (idempotency_hash(&key, job->hash) != ERR_OK ||
        initiate_fingerprint(r, job->fingerprint) != ERR_OK) {
        reply_problem(x, PROBLEM_INTERNAL, (struct span){0});
        return false;
    }
    job->has_key = true;
    job->key_owner = x->caller.known ? x->caller.user : exchange_copy(x, r->user_id);
    const struct span entry = in_flight_name(x, job);
    const enum err e = in_flight_keys_enter(x->loop->server->keys, entry);
    if (e == ERR_EXISTS) {
        reply_problem(x, PROBLEM_IDEMPOTENCY_IN_FLIGHT, (struct span){0});
        return false;
    }
    job->in_flight = e == ERR_OK ? entry : (struct span){0};
    return true;
}

static enum err submit(struct exchange *x, struct initiate *job, const struct initiate_request *r)
{
    struct buf *spec = &x->loop->scratch;
    buf_reset(spec);
    TRY(wire_spec_pack(&r->spec, spec));
    job_id_new(&x->loop->ids, (unsigned)x->loop->config->shard, clock_wall_ms(), job->job_id);
    x->call.done = on_answer;
    x->call.message = (struct wire_message){
        .kind = WIRE_SUBMIT,
        .submit =
            {
                .job_id = span_of(job->job_id),
                .user_id = exchange_copy(x, r->user_id),
                .file_id = r->file_id,
                .priority = r->priority,
                .delay_ms = r->delay_ms,
                .timeout_ms = r->timeout_ms,
                .max_attempts = r->max_attempts,
                .spec = exchange_copy(x, buf_as_span(spec)),
            },
    };
    if (job->has_key) {
        x->call.message.submit.idempotency_owner = job->key_owner;
        x->call.message.submit.idempotency_hash =
            (struct span){(const char *)job->hash, sizeof job->hash};
        x->call.message.submit.fingerprint =
            (struct span){(const char *)job->fingerprint, sizeof job->fingerprint};
    }
    return broker_call_start(&x->loop->brokers, &x->call);
}

/* Whose job it will be. False: answered already. */
static bool take_user(struct exchange *x, struct initiate_request *r)
{
    const struct caller *caller = &x->caller;
    if (!caller->known) {
        return r->user_id.len == 0 || rate_admit(x, RATE_USER, r->user_id, 1);
    }
    if (r->user_id.len == 0) {
        r->user_id = caller->user;
    }
    if (!caller->admin && !span_eq(r->user_id, caller->user)) {
        reply_problem_at(x, PROBLEM_FORBIDDEN,
                         SPAN("Only a token with the scope downloads:admin may act for another "
                              "user than its own."),
                         SPAN("/userId"));
        return false;
    }
    return true;
}

static void start(struct exchange *x, const struct initiate_request *r)
{
    struct initiate *job = exchange_alloc(x, sizeof *job);
    x->state = job;
    x->on_end = leave_in_flight;
    if (!take_key(x, job, r)) {
        return;
    }
    const enum err e = submit(x, job, r);
    if (e != ERR_OK) {
        leave_in_flight(x);
        reply_err(x, e == ERR_TOO_LARGE ? ERR_INTERNAL : e);
    }
}

void handle_initiate(struct exchange *x)
{
    if (!content_type_is_json(x)) {
        reply_problem(x, PROBLEM_UNSUPPORTED_MEDIA_TYPE, (struct span){0});
        return;
    }
    if (content_is_encoded(x)) {
        reply_header(x, H2O_TOKEN_ACCEPT_ENCODING, SPAN("identity"));
        reply_problem(x, PROBLEM_UNSUPPORTED_MEDIA_TYPE, SPAN("A body must not be compressed"));
        return;
    }
    const struct initiate_rules rules = {.allow_simulate = x->loop->config->allow_simulate};
    struct initiate_request r;
    struct initiate_refusal refusal;
    const enum err e = initiate_parse(span_of_iovec(x->req->entity), &rules, &r, &refusal);
    if (e == ERR_INVALID) {
        reply_problem_at(x, refusal.code, span_of(refusal.detail), span_of(refusal.pointer));
        return;
    }
    if (e != ERR_OK) {
        reply_err(x, e);
        return;
    }
    if (take_user(x, &r)) {
        start(x, &r);
    }
    initiate_clear(&r);
}
