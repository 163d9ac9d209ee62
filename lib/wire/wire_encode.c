#include "wire/wire_encode.h"

#include <assert.h>
#include <string.h>

/* protobuf-c's structs know no const; packing only reads. */
static void *unconst(const void *p)
{
    return (void *)(uintptr_t)p;
}

static ProtobufCBinaryData bytes_of(struct span s)
{
    return (ProtobufCBinaryData){.len = s.len, .data = unconst(s.ptr)};
}

char *wire_encode_text(struct wire_tree *t, struct span s)
{
    /* wire_check has bounded each text, so a full buffer is our own bug. */
    assert(s.len < sizeof(t->texts) - t->texts_used);
    char *text = t->texts + t->texts_used;
    if (s.len > 0) {
        memcpy(text, s.ptr, s.len);
    }
    text[s.len] = '\0';
    t->texts_used += s.len + 1;
    return text;
}

static void fill_attempt(const struct attempt *a, Longhaul__V1__Attempt *out)
{
    longhaul__v1__attempt__init(out);
    out->job_id = unconst(a->job_id);
    out->fence = a->fence;
}

static Longhaul__V1__Attempt *attempt_of(struct wire_tree *t, const struct attempt *a)
{
    fill_attempt(a, &t->attempt);
    return &t->attempt;
}

static Longhaul__V1__Meter *meter_of(struct wire_tree *t, const struct meter *m)
{
    longhaul__v1__meter__init(&t->meter);
    t->meter.percent = m->percent;
    t->meter.eta_s = m->eta_s;
    t->meter.stage = (Longhaul__V1__Stage)m->stage;
    t->meter.bytes_done = m->bytes_done;
    t->meter.bytes_total = m->bytes_total;
    return &t->meter;
}

static Longhaul__V1__Artifact *artifact_of(struct wire_tree *t, const struct artifact *a)
{
    longhaul__v1__artifact__init(&t->artifact);
    t->artifact.key = wire_encode_text(t, a->key);
    t->artifact.size_bytes = a->size_bytes;
    t->artifact.sha256 =
        (ProtobufCBinaryData){.len = sizeof(a->sha256), .data = unconst(a->sha256)};
    t->artifact.file_name = wire_encode_text(t, a->file_name);
    t->artifact.content_type = wire_encode_text(t, a->content_type);
    return &t->artifact;
}

static Longhaul__V1__Failure *failure_of(struct wire_tree *t, const struct failure *f)
{
    longhaul__v1__failure__init(&t->failure);
    t->failure.code = wire_encode_text(t, f->code);
    t->failure.message = wire_encode_text(t, f->message);
    t->failure.retryable = f->retryable;
    t->failure.retry_after_ms = f->retry_after_ms;
    return &t->failure;
}

static Longhaul__V1__Attempt **running_of(struct wire_tree *t, const struct attempt *running,
                                          size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fill_attempt(&running[i], &t->running->items[i]);
        t->running->pointers[i] = &t->running->items[i];
    }
    return t->running->pointers;
}

/* ---- one function a kind, named in the table at the end */

static void encode_submit(const struct wire_message *m, struct wire_tree *t)
{
    const struct wire_submit *s = &m->submit;
    Longhaul__V1__Submit *out = &t->body.submit;
    longhaul__v1__submit__init(out);
    out->job_id = wire_encode_text(t, s->job_id);
    out->user_id = wire_encode_text(t, s->user_id);
    out->file_id = s->file_id;
    out->priority = s->priority;
    out->delay_ms = s->delay_ms;
    out->timeout_ms = s->timeout_ms;
    out->max_attempts = s->max_attempts;
    out->spec = bytes_of(s->spec);
    out->idempotency_owner = wire_encode_text(t, s->idempotency_owner);
    out->idempotency_hash = bytes_of(s->idempotency_hash);
    out->fingerprint = bytes_of(s->fingerprint);
}

static void encode_command(const struct wire_message *m, struct wire_tree *t)
{
    longhaul__v1__job_command__init(&t->body.command);
    t->body.command.kind = (Longhaul__V1__CommandKind)m->command.kind;
    t->body.command.job_id = wire_encode_text(t, m->command.job_id);
    t->body.command.command_id = m->command.command_id;
    t->body.command.newest_code = COMMAND_CODE_COUNT - 1;
}

static void encode_ping(const struct wire_message *m, struct wire_tree *t)
{
    (void)m;
    longhaul__v1__ping__init(&t->body.ping);
}

static void encode_submit_reply(const struct wire_message *m, struct wire_tree *t)
{
    longhaul__v1__submit_reply__init(&t->body.submit_reply);
    t->body.submit_reply.code = (Longhaul__V1__SubmitCode)m->submit_reply.code;
    t->body.submit_reply.job_id = wire_encode_text(t, m->submit_reply.job_id);
}

static void encode_command_reply(const struct wire_message *m, struct wire_tree *t)
{
    longhaul__v1__command_reply__init(&t->body.command_reply);
    t->body.command_reply.code = (Longhaul__V1__CommandCode)m->command_reply.code;
}

static void encode_pong(const struct wire_message *m, struct wire_tree *t)
{
    longhaul__v1__pong__init(&t->body.pong);
    t->body.pong.broker_id = wire_encode_text(t, m->pong.broker_id);
    t->body.pong.credit = m->pong.credit;
    t->body.pong.ready = m->pong.ready;
}

static void encode_survey(const struct wire_message *m, struct wire_tree *t)
{
    (void)m;
    longhaul__v1__survey__init(&t->body.survey);
}

static void encode_drain_worker(const struct wire_message *m, struct wire_tree *t)
{
    longhaul__v1__drain_worker__init(&t->body.drain_worker);
    t->body.drain_worker.worker_id = wire_encode_text(t, m->drain_worker.worker_id);
    t->body.drain_worker.on = m->drain_worker.on;
}

static void encode_drain_reply(const struct wire_message *m, struct wire_tree *t)
{
    longhaul__v1__drain_reply__init(&t->body.drain_reply);
    t->body.drain_reply.known = m->drain_reply.known;
}

static void encode_hello(const struct wire_message *m, struct wire_tree *t)
{
    Longhaul__V1__Hello *out = &t->body.hello;
    longhaul__v1__hello__init(out);
    out->worker_id = wire_encode_text(t, m->hello.worker_id);
    out->incarnation = m->hello.incarnation;
    out->slots = m->hello.slots;
    out->granted_total = m->hello.granted_total;
    out->n_running = m->hello.running_count;
    out->running = running_of(t, m->hello.running, m->hello.running_count);
    out->version = wire_encode_text(t, m->hello.version);
    out->drained = m->hello.drained;
}

static void encode_offer(const struct wire_message *m, struct wire_tree *t)
{
    longhaul__v1__offer__init(&t->body.offer);
    t->body.offer.granted_total = m->offer.granted_total;
}

static void encode_heartbeat(const struct wire_message *m, struct wire_tree *t)
{
    Longhaul__V1__Heartbeat *out = &t->body.heartbeat;
    longhaul__v1__heartbeat__init(out);
    out->n_running = m->heartbeat.running_count;
    out->running = running_of(t, m->heartbeat.running, m->heartbeat.running_count);
    out->draining = m->heartbeat.draining;
    out->drained = m->heartbeat.drained;
}

static void encode_progress(const struct wire_message *m, struct wire_tree *t)
{
    longhaul__v1__progress__init(&t->body.progress);
    t->body.progress.attempt = attempt_of(t, &m->progress.attempt);
    t->body.progress.meter = meter_of(t, &m->progress.meter);
}

static void encode_result(const struct wire_message *m, struct wire_tree *t)
{
    const struct wire_result *r = &m->result;
    longhaul__v1__result__init(&t->body.result);
    t->body.result.attempt = attempt_of(t, &r->attempt);
    t->body.result.outcome = (Longhaul__V1__Outcome)r->outcome;
    if (r->outcome == OUTCOME_COMPLETED) {
        t->body.result.artifact = artifact_of(t, &r->artifact);
    }
    if (r->outcome == OUTCOME_FAILED) {
        t->body.result.failure = failure_of(t, &r->failure);
    }
}

static void encode_discarded(const struct wire_message *m, struct wire_tree *t)
{
    longhaul__v1__discarded__init(&t->body.discarded);
    t->body.discarded.key = wire_encode_text(t, m->key.key);
}

static void encode_welcome(const struct wire_message *m, struct wire_tree *t)
{
    longhaul__v1__welcome__init(&t->body.welcome);
    t->body.welcome.broker_id = wire_encode_text(t, m->welcome.broker_id);
}

static void encode_assign(const struct wire_message *m, struct wire_tree *t)
{
    Longhaul__V1__Assign *out = &t->body.assign;
    longhaul__v1__assign__init(out);
    out->attempt = attempt_of(t, &m->assign.attempt);
    out->file_id = m->assign.file_id;
    out->spec = bytes_of(m->assign.spec);
    out->timeout_ms = m->assign.timeout_ms;
    out->failures = m->assign.failures;
}

static void encode_ack(const struct wire_message *m, struct wire_tree *t)
{
    longhaul__v1__ack__init(&t->body.ack);
    t->body.ack.attempt = attempt_of(t, &m->ack.attempt);
    t->body.ack.code = (Longhaul__V1__AckCode)m->ack.code;
}

static void encode_abort(const struct wire_message *m, struct wire_tree *t)
{
    longhaul__v1__abort__init(&t->body.abort);
    t->body.abort.attempt = attempt_of(t, &m->abort.attempt);
    t->body.abort.reason = (Longhaul__V1__AbortReason)m->abort.reason;
}

static void encode_discard(const struct wire_message *m, struct wire_tree *t)
{
    longhaul__v1__discard__init(&t->body.discard);
    t->body.discard.key = wire_encode_text(t, m->key.key);
}

static void encode_broker_alive(const struct wire_message *m, struct wire_tree *t)
{
    longhaul__v1__broker_alive__init(&t->body.broker_alive);
    t->body.broker_alive.draining = m->broker_alive.draining;
}

static void encode_drain(const struct wire_message *m, struct wire_tree *t)
{
    longhaul__v1__drain__init(&t->body.drain);
    t->body.drain.on = m->drain.on;
}

static void encode_event(const struct wire_message *m, struct wire_tree *t)
{
    const struct wire_event *e = &m->event;
    Longhaul__V1__Event *out = &t->body.event;
    longhaul__v1__event__init(out);
    out->job_id = wire_encode_text(t, e->job_id);
    out->kind = (Longhaul__V1__EventKind)e->kind;
    out->status = (Longhaul__V1__Status)e->status;
    out->version = e->version;
    out->transition = e->transition;
    out->updated_at_s = e->updated_at_s;
    out->meter = e->kind == EVENT_PROGRESS ? meter_of(t, &e->meter) : NULL;
    out->broker_id = wire_encode_text(t, e->broker_id);
    out->user_id = wire_encode_text(t, e->user_id);
}

struct encoder {
    Longhaul__V1__Envelope__BodyCase body_case;
    void (*encode)(const struct wire_message *m, struct wire_tree *t);
};
#define BODY(name) LONGHAUL__V1__ENVELOPE__BODY_##name
static const struct encoder encoders[WIRE_KIND_COUNT] = {
    [WIRE_SUBMIT] = {BODY(SUBMIT), encode_submit},
    [WIRE_COMMAND] = {BODY(COMMAND), encode_command},
    [WIRE_PING] = {BODY(PING), encode_ping},
    [WIRE_SURVEY] = {BODY(SURVEY), encode_survey},
    [WIRE_DRAIN_WORKER] = {BODY(DRAIN_WORKER), encode_drain_worker},
    [WIRE_SUBMIT_REPLY] = {BODY(SUBMIT_REPLY), encode_submit_reply},
    [WIRE_COMMAND_REPLY] = {BODY(COMMAND_REPLY), encode_command_reply},
    [WIRE_PONG] = {BODY(PONG), encode_pong},
    [WIRE_REPORT] = {BODY(REPORT), wire_encode_report},
    [WIRE_DRAIN_REPLY] = {BODY(DRAIN_REPLY), encode_drain_reply},
    [WIRE_HELLO] = {BODY(HELLO), encode_hello},
    [WIRE_OFFER] = {BODY(OFFER), encode_offer},
    [WIRE_HEARTBEAT] = {BODY(HEARTBEAT), encode_heartbeat},
    [WIRE_PROGRESS] = {BODY(PROGRESS), encode_progress},
    [WIRE_RESULT] = {BODY(RESULT), encode_result},
    [WIRE_DISCARDED] = {BODY(DISCARDED), encode_discarded},
    [WIRE_WELCOME] = {BODY(WELCOME), encode_welcome},
    [WIRE_ASSIGN] = {BODY(ASSIGN), encode_assign},
    [WIRE_ACK] = {BODY(ACK), encode_ack},
    [WIRE_ABORT] = {BODY(ABORT), encode_abort},
    [WIRE_DISCARD] = {BODY(DISCARD), encode_discard},
    [WIRE_BROKER_ALIVE] = {BODY(BROKER_ALIVE), encode_broker_alive},
    [WIRE_DRAIN] = {BODY(DRAIN), encode_drain},
    [WIRE_EVENT] = {BODY(EVENT), encode_event},
};

bool wire_has_running(const struct wire_message *m)
{
    return m->kind == WIRE_HELLO || m->kind == WIRE_HEARTBEAT;
}

void wire_encode(const struct wire_message *m, struct wire_tree *tree)
{
    tree->texts_used = 0;
    encoders[m->kind].encode(m, tree);
    longhaul__v1__envelope__init(&tree->envelope);
    tree->envelope.request_id = m->request_id;
    tree->envelope.trace = bytes_of(m->trace);
    tree->envelope.deadline_ms = m->deadline_ms;
    tree->envelope.body_case = encoders[m->kind].body_case;
    /* All members of the oneof are pointers to a message in one place. */
    tree->envelope.submit = &tree->body.submit;
}
