#include "wire/wire_decode.h"

#include "wire/wire_fault.h"

#include <string.h>

static struct span span_of_bytes(ProtobufCBinaryData b)
{
    return (struct span){(const char *)b.data, b.len};
}

static const char *get_attempt(const Longhaul__V1__Attempt *in, struct attempt *out)
{
    NEED(in != NULL, "no attempt");
    const struct span id = wire_arena_text(in->job_id);
    NEED(id.len == JOB_ID_LEN, "attempt: bad job id");
    memcpy(out->job_id, id.ptr, JOB_ID_LEN);
    out->job_id[JOB_ID_LEN] = '\0';
    out->fence = in->fence;
    return NULL;
}

static const char *get_running(Longhaul__V1__Attempt *const *in, size_t count,
                               struct wire_arena *arena, const struct attempt **out)
{
    NEED(count <= WIRE_RUNNING_MAX, "running: too many attempts");
    if (count == 0) {
        *out = NULL;
        return NULL;
    }
    struct attempt *running = wire_arena_take(arena, count * sizeof(*running));
    NEED(running != NULL, "over the limit of memory");
    for (size_t i = 0; i < count; i++) {
        ALSO(get_attempt(in[i], &running[i]));
    }
    *out = running;
    return NULL;
}

static const char *get_meter(const Longhaul__V1__Meter *in, struct meter *out)
{
    NEED(in != NULL, "no meter");
    out->percent = in->percent;
    out->eta_s = in->eta_s;
    out->stage = (enum job_stage)in->stage;
    out->bytes_done = in->bytes_done;
    out->bytes_total = in->bytes_total;
    return NULL;
}

static const char *get_artifact(const Longhaul__V1__Artifact *in, struct artifact *out)
{
    NEED(in != NULL, "result: completed without an artifact");
    NEED(in->sha256.len == SHA256_SIZE, "artifact: bad size of sha256");
    memcpy(out->sha256, in->sha256.data, SHA256_SIZE);
    out->key = wire_arena_text(in->key);
    out->size_bytes = in->size_bytes;
    out->file_name = wire_arena_text(in->file_name);
    out->content_type = wire_arena_text(in->content_type);
    return NULL;
}

static const char *get_failure(const Longhaul__V1__Failure *in, struct failure *out)
{
    NEED(in != NULL, "result: failed without a failure");
    out->code = wire_arena_text(in->code);
    out->message = wire_arena_text(in->message);
    out->retryable = in->retryable != 0;
    out->retry_after_ms = in->retry_after_ms;
    return NULL;
}

/* ---- one function a kind, named in the table at the end */

typedef const char *decode_fn(const Longhaul__V1__Envelope *in, struct wire_arena *arena,
                              struct wire_message *out);
#define DECODE(name)                                                                               \
    static const char *decode_##name(const Longhaul__V1__Envelope *in, struct wire_arena *arena,   \
                                     struct wire_message *out)

DECODE(submit)
{
    (void)arena;
    const Longhaul__V1__Submit *s = in->submit;
    out->submit = (struct wire_submit){
        .job_id = wire_arena_text(s->job_id),
        .user_id = wire_arena_text(s->user_id),
        .file_id = s->file_id,
        .priority = s->priority,
        .delay_ms = s->delay_ms,
        .timeout_ms = s->timeout_ms,
        .max_attempts = s->max_attempts,
        .spec = span_of_bytes(s->spec),
        .idempotency_owner = wire_arena_text(s->idempotency_owner),
        .idempotency_hash = span_of_bytes(s->idempotency_hash),
        .fingerprint = span_of_bytes(s->fingerprint),
    };
    return NULL;
}

DECODE(command)
{
    (void)arena;
    out->command.kind = (enum command_kind)in->command->kind;
    out->command.job_id = wire_arena_text(in->command->job_id);
    out->command.command_id = in->command->command_id;
    const uint32_t newest = in->command->newest_code;
    out->command.newest_code = newest == 0                   ? COMMAND_UNAVAILABLE
                               : newest < COMMAND_CODE_COUNT ? (enum command_code)newest
                                                             : COMMAND_CODE_COUNT - 1;
    return NULL;
}

DECODE(nothing)
{
    (void)in;
    (void)arena;
    (void)out;
    return NULL;
}

DECODE(submit_reply)
{
    (void)arena;
    out->submit_reply.code = (enum submit_code)in->submit_reply->code;
    out->submit_reply.job_id = wire_arena_text(in->submit_reply->job_id);
    return NULL;
}

DECODE(command_reply)
{
    (void)arena;
    out->command_reply.code = (enum command_code)in->command_reply->code;
    return NULL;
}

DECODE(pong)
{
    (void)arena;
    out->pong.broker_id = wire_arena_text(in->pong->broker_id);
    out->pong.credit = in->pong->credit;
    out->pong.ready = in->pong->ready != 0;
    return NULL;
}

DECODE(drain_worker)
{
    (void)arena;
    out->drain_worker.worker_id = wire_arena_text(in->drain_worker->worker_id);
    out->drain_worker.on = in->drain_worker->on != 0;
    return NULL;
}

DECODE(drain_reply)
{
    (void)arena;
    out->drain_reply.known = in->drain_reply->known != 0;
    return NULL;
}

DECODE(hello)
{
    out->hello.version = wire_arena_text(in->hello->version);
    out->hello.drained = in->hello->drained != 0;
    out->hello.worker_id = wire_arena_text(in->hello->worker_id);
    out->hello.incarnation = in->hello->incarnation;
    out->hello.slots = in->hello->slots;
    out->hello.granted_total = in->hello->granted_total;
    out->hello.running_count = in->hello->n_running;
    return get_running(in->hello->running, in->hello->n_running, arena, &out->hello.running);
}

DECODE(offer)
{
    (void)arena;
    out->offer.granted_total = in->offer->granted_total;
    return NULL;
}

DECODE(heartbeat)
{
    out->heartbeat.draining = in->heartbeat->draining != 0;
    out->heartbeat.drained = in->heartbeat->drained != 0;
    out->heartbeat.running_count = in->heartbeat->n_running;
    return get_running(in->heartbeat->running, in->heartbeat->n_running, arena,
                       &out->heartbeat.running);
}

DECODE(progress)
{
    (void)arena;
    ALSO(get_attempt(in->progress->attempt, &out->progress.attempt));
    return get_meter(in->progress->meter, &out->progress.meter);
}

DECODE(result)
{
    (void)arena;
    const Longhaul__V1__Result *r = in->result;
    ALSO(get_attempt(r->attempt, &out->result.attempt));
    out->result.outcome = (enum outcome)r->outcome;
    const bool completed = out->result.outcome == OUTCOME_COMPLETED;
    const bool failed = out->result.outcome == OUTCOME_FAILED;
    NEED(completed || r->artifact == NULL, "result: an artifact of an attempt that made none");
    NEED(failed || r->failure == NULL, "result: a failure of an attempt that did not fail");
    if (completed) {
        return get_artifact(r->artifact, &out->result.artifact);
    }
    return failed ? get_failure(r->failure, &out->result.failure) : NULL;
}

DECODE(discarded)
{
    (void)arena;
    out->key.key = wire_arena_text(in->discarded->key);
    return NULL;
}

DECODE(welcome)
{
    (void)arena;
    out->welcome.broker_id = wire_arena_text(in->welcome->broker_id);
    return NULL;
}

DECODE(assign)
{
    (void)arena;
    const Longhaul__V1__Assign *a = in->assign;
    ALSO(get_attempt(a->attempt, &out->assign.attempt));
    out->assign.file_id = a->file_id;
    out->assign.spec = span_of_bytes(a->spec);
    out->assign.timeout_ms = a->timeout_ms;
    out->assign.failures = a->failures;
    return NULL;
}

DECODE(ack)
{
    (void)arena;
    out->ack.code = (enum ack_code)in->ack->code;
    return get_attempt(in->ack->attempt, &out->ack.attempt);
}

DECODE(abort)
{
    (void)arena;
    out->abort.reason = (enum abort_reason)in->abort->reason;
    return get_attempt(in->abort->attempt, &out->abort.attempt);
}

DECODE(discard)
{
    (void)arena;
    out->key.key = wire_arena_text(in->discard->key);
    return NULL;
}

DECODE(broker_alive)
{
    (void)arena;
    out->broker_alive.draining = in->broker_alive->draining != 0;
    return NULL;
}

DECODE(event)
{
    (void)arena;
    const Longhaul__V1__Event *e = in->event;
    out->event = (struct wire_event){
        .job_id = wire_arena_text(e->job_id),
        .kind = (enum event_kind)e->kind,
        .status = (enum job_status)e->status,
        .version = e->version,
        .transition = e->transition,
        .updated_at_s = e->updated_at_s,
        .broker_id = wire_arena_text(e->broker_id),
        .user_id = wire_arena_text(e->user_id),
    };
    if (out->event.kind == EVENT_PROGRESS) {
        return get_meter(e->meter, &out->event.meter);
    }
    NEED(e->meter == NULL, "event: a meter of something else than progress");
    return NULL;
}

DECODE(drain)
{
    (void)arena;
    out->drain.on = in->drain->on != 0;
    return NULL;
}

struct decoder {
    enum wire_kind kind;
    decode_fn *decode;
};
enum { BODY_MAX = LONGHAUL__V1__ENVELOPE__BODY_EVENT };
#define BODY(name) LONGHAUL__V1__ENVELOPE__BODY_##name
/* By field number; a number without an entry is a body that we do not know. */
static const struct decoder decoders[BODY_MAX + 1] = {
    [BODY(SUBMIT)] = {WIRE_SUBMIT, decode_submit},
    [BODY(COMMAND)] = {WIRE_COMMAND, decode_command},
    [BODY(PING)] = {WIRE_PING, decode_nothing},
    [BODY(SURVEY)] = {WIRE_SURVEY, decode_nothing},
    [BODY(DRAIN_WORKER)] = {WIRE_DRAIN_WORKER, decode_drain_worker},
    [BODY(SUBMIT_REPLY)] = {WIRE_SUBMIT_REPLY, decode_submit_reply},
    [BODY(COMMAND_REPLY)] = {WIRE_COMMAND_REPLY, decode_command_reply},
    [BODY(PONG)] = {WIRE_PONG, decode_pong},
    [BODY(REPORT)] = {WIRE_REPORT, wire_decode_report},
    [BODY(DRAIN_REPLY)] = {WIRE_DRAIN_REPLY, decode_drain_reply},
    [BODY(HELLO)] = {WIRE_HELLO, decode_hello},
    [BODY(OFFER)] = {WIRE_OFFER, decode_offer},
    [BODY(HEARTBEAT)] = {WIRE_HEARTBEAT, decode_heartbeat},
    [BODY(PROGRESS)] = {WIRE_PROGRESS, decode_progress},
    [BODY(RESULT)] = {WIRE_RESULT, decode_result},
    [BODY(DISCARDED)] = {WIRE_DISCARDED, decode_discarded},
    [BODY(WELCOME)] = {WIRE_WELCOME, decode_welcome},
    [BODY(ASSIGN)] = {WIRE_ASSIGN, decode_assign},
    [BODY(ACK)] = {WIRE_ACK, decode_ack},
    [BODY(ABORT)] = {WIRE_ABORT, decode_abort},
    [BODY(DISCARD)] = {WIRE_DISCARD, decode_discard},
    [BODY(BROKER_ALIVE)] = {WIRE_BROKER_ALIVE, decode_broker_alive},
    [BODY(DRAIN)] = {WIRE_DRAIN, decode_drain},
    [BODY(EVENT)] = {WIRE_EVENT, decode_event},
};

const char *wire_decode(const Longhaul__V1__Envelope *in, struct wire_arena *arena,
                        struct wire_message *out)
{
    const unsigned body = (unsigned)in->body_case;
    NEED(body <= BODY_MAX && decoders[body].decode != NULL, "unknown body");
    out->request_id = in->request_id;
    out->trace = span_of_bytes(in->trace);
    out->deadline_ms = in->deadline_ms;
    out->kind = decoders[body].kind;
    return decoders[body].decode(in, arena, out);
}
