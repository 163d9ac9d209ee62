#include "support/broker_rig.h"

#include "base/clock.h"
#include "support/child.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *binary(void)
{
    static char path[512];
    const char *bin = getenv("LONGHAUL_BIN");
    (void)snprintf(path, sizeof path, "%s/longhaul-broker", bin != NULL ? bin : "build/dev/bin");
    return path;
}

void rig_broker_start(struct rig *r, unsigned index)
{
    struct rig_broker *b = &r->brokers[index];
    char id[16];
    (void)snprintf(id, sizeof id, "b%u", index);
    char dir[sizeof r->dir]; /* gcc cannot see that parts of one struct do not overlap */
    memcpy(dir, r->dir, sizeof dir);
    (void)snprintf(b->requests, sizeof b->requests, "ipc://%s/%s.sock", dir, id);
    (void)snprintf(b->events, sizeof b->events, "ipc://%s/%s.events", dir, id);
    (void)snprintf(b->log, sizeof b->log, "%s/%s.log", dir, id);
    const char *const argv[] = {binary(),
                                "--bind-requests",
                                b->requests,
                                "--bind-events",
                                b->events,
                                "--redis-socket",
                                r->redis.socket,
                                "--broker-id",
                                id,
                                NULL};
    b->pid = child_start(argv, b->log);
}

void rig_await_ready(struct rig *r, unsigned index, bool ready)
{
    struct talker t;
    talker_open(&t, r->brokers[index].requests);
    const int64_t until_ms = clock_mono_ms() + TALKER_PATIENCE_MS;
    for (bool is = !ready; is != ready;) {
        cr_assert_lt(clock_mono_ms(), until_ms, "broker %u did not become ready=%d", index, ready);
        const uint64_t id = talker_send(&t, (struct wire_message){.kind = WIRE_PING});
        const struct wire_message *pong = talker_answer(&t, id, 100);
        is = pong == NULL ? !ready : pong->pong.ready;
    }
    talker_close(&t);
}

void rig_start(struct rig *r, unsigned brokers)
{
    memset(r, 0, sizeof *r);
    id_source_init(&r->ids);
    (void)snprintf(r->dir, sizeof r->dir, "/tmp/longhaul-broker-XXXXXX");
    cr_assert_not_null(mkdtemp(r->dir));
    redis_server_start(&r->redis, r->dir, true);
    for (unsigned i = 0; i < brokers; i++) {
        rig_broker_start(r, i);
    }
    for (unsigned i = 0; i < brokers; i++) {
        rig_await_ready(r, i, true);
    }
}

void rig_broker_kill(struct rig *r, unsigned index)
{
    (void)child_stop(r->brokers[index].pid, SIGKILL);
    r->brokers[index].pid = 0;
}

static void remove_folder(const char *path)
{
    const char *const argv[] = {"rm", "-rf", "--", path, NULL};
    (void)child_wait(child_start(argv, NULL), TALKER_PATIENCE_MS);
}

void rig_stop(struct rig *r)
{
    for (unsigned i = 0; i < RIG_BROKERS_MAX; i++) {
        if (r->brokers[i].pid > 0) {
            /* A sanitizer's report would show as another status. */
            cr_expect_eq(child_stop(r->brokers[i].pid, SIGTERM), 0);
        }
    }
    redis_server_stop(&r->redis);
    remove_folder(r->dir);
}

/* ---- gateway */

struct rig_job rig_job(struct rig *r)
{
    struct rig_job job;
    job_id_new(&r->ids, 0, clock_wall_ms(), job.id);
    return job;
}

struct wire_message rig_submit(const struct rig_job *job)
{
    return (struct wire_message){.kind = WIRE_SUBMIT,
                                 .submit = {.job_id = span_of(job->id),
                                            .file_id = 42,
                                            .priority = JOB_PRIORITY_DEFAULT,
                                            .timeout_ms = 60000,
                                            .max_attempts = JOB_MAX_ATTEMPTS_DEFAULT,
                                            .spec = SPAN("\x0a\x01\x2a")}};
}

void rig_submitted(struct talker *gateway, const struct rig_job *job)
{
    const uint64_t id = talker_send(gateway, rig_submit(job));
    const struct wire_message *m = talker_answer(gateway, id, TALKER_PATIENCE_MS);
    cr_assert_not_null(m);
    cr_assert_eq(m->kind, WIRE_SUBMIT_REPLY);
    cr_assert_eq(m->submit_reply.code, SUBMIT_ACCEPTED, "code %d", (int)m->submit_reply.code);
}

enum command_code rig_command(struct talker *gateway, enum command_kind kind, const char *job_id)
{
    const uint64_t id = talker_send(
        gateway, (struct wire_message){.kind = WIRE_COMMAND,
                                       .command = {.kind = kind, .job_id = span_of(job_id)}});
    const struct wire_message *m = talker_answer(gateway, id, TALKER_PATIENCE_MS);
    cr_assert_not_null(m);
    cr_assert_eq(m->kind, WIRE_COMMAND_REPLY);
    return m->command_reply.code;
}

/* ---- worker */

struct wire_message rig_hello(const char *worker_id, uint64_t incarnation, uint32_t slots)
{
    return (struct wire_message){.kind = WIRE_HELLO,
                                 .hello = {.worker_id = span_of(worker_id),
                                           .incarnation = incarnation,
                                           .slots = slots,
                                           .granted_total = slots}};
}

void rig_worker(struct rig *r, struct talker *worker, unsigned broker, const char *worker_id,
                uint32_t slots)
{
    talker_open(worker, r->brokers[broker].requests);
    (void)talker_send(worker, rig_hello(worker_id, 1, slots));
    (void)talker_expect(worker, WIRE_WELCOME);
}

void rig_beat(struct talker *worker, const struct attempt *running, size_t count)
{
    (void)talker_send(
        worker, (struct wire_message){.kind = WIRE_HEARTBEAT,
                                      .heartbeat = {.running = running, .running_count = count}});
}

struct wire_message rig_completed(const struct attempt *attempt)
{
    return (struct wire_message){
        .kind = WIRE_RESULT,
        .result = {.attempt = *attempt,
                   .outcome = OUTCOME_COMPLETED,
                   .artifact = {.key = span_of(attempt->job_id),
                                .size_bytes = 5,
                                .sha256 = {1, 2, 3},
                                .file_name = SPAN("a.bin"),
                                .content_type = SPAN("application/octet-stream")}}};
}

struct wire_message rig_failed(const struct attempt *attempt, const char *code, bool retryable)
{
    return (struct wire_message){.kind = WIRE_RESULT,
                                 .result = {.attempt = *attempt,
                                            .outcome = OUTCOME_FAILED,
                                            .failure = {.code = span_of(code),
                                                        .message = SPAN("it failed"),
                                                        .retryable = retryable}}};
}

struct attempt rig_assigned(struct talker *worker, const struct rig_job *job)
{
    const struct wire_message *m = talker_expect(worker, WIRE_ASSIGN);
    if (job != NULL) {
        cr_assert_str_eq(m->assign.attempt.job_id, job->id);
    }
    return m->assign.attempt;
}

enum ack_code rig_result(struct talker *worker, struct wire_message result)
{
    (void)talker_send(worker, result);
    const struct wire_message *m = talker_expect(worker, WIRE_ACK);
    cr_assert_str_eq(m->ack.attempt.job_id, result.result.attempt.job_id);
    return m->ack.code;
}

const struct wire_message *rig_hear_beating(struct talker *worker, enum wire_kind kind,
                                            const struct attempt *running, size_t count)
{
    const int64_t until_ms = clock_mono_ms() + TALKER_PATIENCE_MS;
    const struct wire_message *m = talker_hear(worker, kind, 0);
    while (m == NULL && clock_mono_ms() < until_ms) {
        rig_beat(worker, running, count);
        m = talker_hear(worker, kind, 1000);
    }
    cr_assert_not_null(m, "no message of kind %d came", (int)kind);
    return m;
}
