#include "wire/wire_check.h"

#include "core/worker_id.h"
#include "wire/wire_fault.h"
#include "wire/wire_text.h"

static bool empty_or(struct span s, size_t size)
{
    return s.len == 0 || s.len == size;
}

static bool file_id_valid(uint64_t id)
{
    return id >= 1 && id <= JOB_FILE_ID_MAX;
}

static const char *check_attempt(const struct attempt *a)
{
    NEED(a->job_id[JOB_ID_LEN] == '\0' && job_id_valid((struct span){a->job_id, JOB_ID_LEN}),
         "attempt: bad job id");
    NEED(a->fence >= 1 && a->fence <= WIRE_NUMBER_MAX, "attempt: fence out of range");
    return NULL;
}

static const char *check_running(const struct attempt *running, size_t count)
{
    NEED(count <= WIRE_RUNNING_MAX, "running: too many attempts");
    for (size_t i = 0; i < count; i++) {
        ALSO(check_attempt(&running[i]));
    }
    return NULL;
}

static const char *check_meter(const struct meter *m)
{
    NEED(m->percent >= -1 && m->percent <= 100, "meter: percent out of range");
    NEED(m->eta_s >= -1, "meter: eta out of range");
    NEED((unsigned)m->stage < STAGE_COUNT, "meter: unknown stage");
    NEED(m->bytes_done <= WIRE_NUMBER_MAX, "meter: bytes_done out of range");
    NEED(m->bytes_total >= -1 && m->bytes_total <= (int64_t)WIRE_NUMBER_MAX,
         "meter: bytes_total out of range");
    return NULL;
}

static const char *check_artifact(const struct artifact *a)
{
    NEED(wire_key_valid(a->key, JOB_ARTIFACT_KEY_MAX), "artifact: bad key");
    NEED(a->size_bytes <= WIRE_NUMBER_MAX, "artifact: size out of range");
    NEED(wire_text_valid(a->file_name, JOB_FILE_NAME_MAX), "artifact: bad file name");
    NEED(wire_text_valid(a->content_type, JOB_CONTENT_TYPE_MAX), "artifact: bad content type");
    return NULL;
}

static const char *check_failure(const struct failure *f)
{
    NEED(wire_code_valid(f->code, JOB_CODE_MAX), "failure: bad code");
    NEED(wire_text_valid(f->message, JOB_MESSAGE_MAX), "failure: bad message");
    return NULL;
}

/* ---- one function a kind, named in the table at the end */

static const char *check_nothing(const struct wire_message *m)
{
    (void)m;
    return NULL;
}

static const char *check_submit(const struct wire_message *m)
{
    const struct wire_submit *s = &m->submit;
    NEED(job_id_valid(s->job_id), "submit: bad job id");
    NEED(wire_text_valid(s->user_id, JOB_USER_ID_MAX), "submit: bad user id");
    NEED(file_id_valid(s->file_id), "submit: file id out of range");
    NEED(s->priority <= WIRE_PRIORITY_MAX, "submit: priority out of range");
    NEED(s->timeout_ms >= 1 && s->timeout_ms <= JOB_TIMEOUT_MS_MAX, "submit: bad timeout");
    NEED(s->max_attempts >= 1 && s->max_attempts <= JOB_MAX_ATTEMPTS_MAX,
         "submit: max_attempts out of range");
    NEED(s->spec.len >= 1 && s->spec.len <= JOB_SPEC_MAX, "submit: bad size of spec");
    NEED(wire_text_valid(s->idempotency_owner, JOB_USER_ID_MAX), "submit: bad owner of a key");
    NEED(empty_or(s->idempotency_hash, WIRE_HASH_SIZE), "submit: bad size of idempotency hash");
    NEED(s->fingerprint.len == s->idempotency_hash.len, "submit: a key and no fingerprint");
    return NULL;
}

static const char *check_submit_reply(const struct wire_message *m)
{
    const struct wire_submit_reply *r = &m->submit_reply;
    NEED((unsigned)r->code < SUBMIT_CODE_COUNT, "submit_reply: unknown code");
    const bool exists = r->code == SUBMIT_ACCEPTED || r->code == SUBMIT_REPLAYED;
    NEED((!exists && r->job_id.len == 0) || job_id_valid(r->job_id), "submit_reply: bad job id");
    return NULL;
}

static const char *check_command(const struct wire_message *m)
{
    NEED((unsigned)m->command.kind < COMMAND_KIND_COUNT, "command: unknown kind");
    NEED(job_id_valid(m->command.job_id), "command: bad job id");
    return NULL;
}

static const char *check_command_reply(const struct wire_message *m)
{
    NEED((unsigned)m->command_reply.code < COMMAND_CODE_COUNT, "command_reply: unknown code");
    return NULL;
}

static const char *check_pong(const struct wire_message *m)
{
    NEED(wire_name_valid(m->pong.broker_id, JOB_WORKER_ID_MAX), "pong: bad broker id");
    return NULL;
}

static const char *check_worker(const struct wire_worker *w)
{
    NEED(worker_id_valid(span_of(w->id)), "report: bad worker id");
    NEED(wire_text_valid(span_of(w->version), WIRE_VERSION_MAX), "report: bad version");
    for (size_t i = 0; i < w->jobs_count; i++) {
        NEED(job_id_valid(span_of(w->jobs[i])), "report: bad job id");
    }
    return NULL;
}

static const char *check_report(const struct wire_message *m)
{
    const struct wire_report *r = m->report;
    size_t jobs = 0;
    NEED(wire_name_valid(r->broker_id, JOB_WORKER_ID_MAX), "report: bad broker id");
    NEED(r->minute >= 0, "report: bad minute");
    NEED(r->workers_count <= WIRE_REPORT_WORKERS_MAX, "report: too many workers");
    for (size_t i = 0; i < r->workers_count; i++) {
        jobs += r->workers[i].jobs_count;
        NEED(r->workers[i].jobs_count <= WIRE_REPORT_JOBS_MAX && jobs <= WIRE_REPORT_JOBS_MAX,
             "report: too many jobs");
        ALSO(check_worker(&r->workers[i]));
    }
    return NULL;
}

static const char *check_drain_worker(const struct wire_message *m)
{
    NEED(worker_id_valid(m->drain_worker.worker_id), "drain: bad worker id");
    return NULL;
}

static const char *check_hello(const struct wire_message *m)
{
    NEED(worker_id_valid(m->hello.worker_id), "hello: bad worker id");
    NEED(m->hello.slots >= 1 && m->hello.slots <= WIRE_RUNNING_MAX, "hello: slots out of range");
    NEED(wire_text_valid(m->hello.version, WIRE_VERSION_MAX), "hello: bad version");
    return check_running(m->hello.running, m->hello.running_count);
}

static const char *check_heartbeat(const struct wire_message *m)
{
    return check_running(m->heartbeat.running, m->heartbeat.running_count);
}

static const char *check_progress(const struct wire_message *m)
{
    ALSO(check_attempt(&m->progress.attempt));
    return check_meter(&m->progress.meter);
}

static const char *check_result(const struct wire_message *m)
{
    const struct wire_result *r = &m->result;
    ALSO(check_attempt(&r->attempt));
    NEED((unsigned)r->outcome < OUTCOME_COUNT, "result: unknown outcome");
    if (r->outcome == OUTCOME_COMPLETED) {
        return check_artifact(&r->artifact);
    }
    return r->outcome == OUTCOME_FAILED ? check_failure(&r->failure) : NULL;
}

static const char *check_key(const struct wire_message *m)
{
    NEED(wire_key_valid(m->key.key, JOB_ARTIFACT_KEY_MAX), "discard: bad key");
    return NULL;
}

static const char *check_welcome(const struct wire_message *m)
{
    NEED(wire_name_valid(m->welcome.broker_id, JOB_WORKER_ID_MAX), "welcome: bad broker id");
    return NULL;
}

static const char *check_assign(const struct wire_message *m)
{
    ALSO(check_attempt(&m->assign.attempt));
    NEED(file_id_valid(m->assign.file_id), "assign: file id out of range");
    NEED(m->assign.spec.len >= 1 && m->assign.spec.len <= JOB_SPEC_MAX, "assign: bad size of spec");
    NEED(m->assign.timeout_ms >= 1 && m->assign.timeout_ms <= JOB_TIMEOUT_MS_MAX,
         "assign: bad timeout");
    return NULL;
}

static const char *check_ack(const struct wire_message *m)
{
    NEED((unsigned)m->ack.code < ACK_CODE_COUNT, "ack: unknown code");
    return check_attempt(&m->ack.attempt);
}

static const char *check_abort(const struct wire_message *m)
{
    NEED((unsigned)m->abort.reason < ABORT_REASON_COUNT, "abort: unknown reason");
    return check_attempt(&m->abort.attempt);
}

static const char *check_event(const struct wire_message *m)
{
    const struct wire_event *e = &m->event;
    const bool of_user = e->user_id.len > 0;
    NEED(wire_text_valid(e->user_id, JOB_USER_ID_MAX), "event: bad user id");
    NEED(wire_text_valid(e->job_id, JOB_ID_LEN) &&
             (e->job_id.len > 0 || (of_user && e->kind == EVENT_SUBSCRIBED)),
         "event: bad job id");
    NEED((unsigned)e->kind < EVENT_KIND_COUNT, "event: unknown kind");
    NEED((unsigned)e->status < JOB_STATUS_COUNT, "event: unknown status");
    NEED(e->updated_at_s >= 0, "event: bad time");
    NEED(e->broker_id.len == 0 || wire_name_valid(e->broker_id, JOB_WORKER_ID_MAX),
         "event: bad broker id");
    return e->kind == EVENT_PROGRESS ? check_meter(&e->meter) : NULL;
}

typedef const char *check_fn(const struct wire_message *m);
static check_fn *const checks[WIRE_KIND_COUNT] = {
    [WIRE_SUBMIT] = check_submit,
    [WIRE_COMMAND] = check_command,
    [WIRE_PING] = check_nothing,
    [WIRE_SURVEY] = check_nothing,
    [WIRE_DRAIN_WORKER] = check_drain_worker,
    [WIRE_SUBMIT_REPLY] = check_submit_reply,
    [WIRE_COMMAND_REPLY] = check_command_reply,
    [WIRE_PONG] = check_pong,
    [WIRE_REPORT] = check_report,
    [WIRE_DRAIN_REPLY] = check_nothing,
    [WIRE_HELLO] = check_hello,
    [WIRE_OFFER] = check_nothing,
    [WIRE_HEARTBEAT] = check_heartbeat,
    [WIRE_PROGRESS] = check_progress,
    [WIRE_RESULT] = check_result,
    [WIRE_DISCARDED] = check_key,
    [WIRE_WELCOME] = check_welcome,
    [WIRE_ASSIGN] = check_assign,
    [WIRE_ACK] = check_ack,
    [WIRE_ABORT] = check_abort,
    [WIRE_DISCARD] = check_key,
    [WIRE_BROKER_ALIVE] = check_nothing,
    [WIRE_DRAIN] = check_nothing,
    [WIRE_EVENT] = check_event,
};

const char *wire_check(const struct wire_message *m)
{
    NEED((unsigned)m->kind < WIRE_KIND_COUNT, "unknown body");
    NEED(empty_or(m->trace, WIRE_TRACE_SIZE), "bad size of trace");
    return checks[m->kind](m);
}

const char *wire_check_spec(const struct job_spec *spec)
{
    NEED(spec->file_ids_count >= 1 && spec->file_ids_count <= JOB_FILE_IDS_MAX,
         "spec: bad number of file ids");
    for (size_t i = 0; i < spec->file_ids_count; i++) {
        NEED(file_id_valid(spec->file_ids[i]), "spec: file id out of range");
    }
    NEED(spec->archive || spec->file_ids_count == 1, "spec: many files and no archive");
    NEED(wire_text_valid(spec->file_name, JOB_FILE_NAME_MAX), "spec: bad file name");
    NEED((unsigned)spec->format < FORMAT_COUNT, "spec: unknown format");
    if (!spec->has_simulate) {
        return NULL;
    }
    const struct simulate *s = &spec->simulate;
    NEED(s->duration_ms <= WIRE_SIMULATE_MS_MAX, "simulate: duration out of range");
    NEED(s->progress_ms <= WIRE_SIMULATE_MS_MAX, "simulate: progress out of range");
    NEED(s->size_bytes <= WIRE_NUMBER_MAX, "simulate: size out of range");
    NEED(s->error_code.len == 0 || wire_code_valid(s->error_code, JOB_CODE_MAX),
         "simulate: bad error code");
    NEED(!s->stalls || s->stall_at_percent <= 100, "simulate: stall out of range");
    return NULL;
}
