/* Messages of every kind at their limits, and the reading of bytes that may be anything. */
#ifndef LONGHAUL_TESTS_WIRE_SAMPLES_H
#define LONGHAUL_TESTS_WIRE_SAMPLES_H

#include "wire/wire.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define ID "00123456789abcdefghjkmnpqrs"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static char long_text[1024];
static char long_code[64];
static const unsigned char hash[WIRE_HASH_SIZE] = {1, 2, 0, 255};
static char spec_bytes[JOB_SPEC_MAX + 1];
static struct attempt many[WIRE_RUNNING_MAX + 1];
static struct wire_report report;
static struct wire_worker report_workers[WIRE_REPORT_WORKERS_MAX];
static char report_jobs[WIRE_REPORT_JOBS_MAX][JOB_ID_SIZE];

static const struct attempt attempt = {.job_id = ID, .fence = WIRE_NUMBER_MAX};

static inline void fill_samples(void)
{
    memset(long_text, 'x', sizeof(long_text));
    memset(long_code, 'E', sizeof(long_code));
    memset(spec_bytes, 0xFF, sizeof(spec_bytes));
    for (size_t i = 0; i < COUNT(many); i++) {
        many[i] = attempt;
        many[i].fence = WIRE_NUMBER_MAX - i;
    }
}

static inline struct span text(size_t len)
{
    fill_samples();
    return (struct span){long_text, len};
}
static inline struct span hash_span(size_t len)
{
    return (struct span){(const char *)hash, len};
}

static inline void fill_counts(struct tally_counts *c)
{
    for (size_t i = 0; i < TALLY_EVENTS; i++) {
        c->of[i] = UINT64_MAX - i;
    }
}

/* Each worker has its share of the jobs. */
static inline void fill_worker(size_t i, size_t workers)
{
    const size_t share = WIRE_REPORT_JOBS_MAX / workers;
    struct wire_worker *w = &report_workers[i];
    *w = (struct wire_worker){.slots = UINT32_MAX,
                              .free = UINT32_MAX,
                              .running = UINT32_MAX,
                              .seen_ms = UINT32_MAX,
                              .connected = true,
                              .stopping = true,
                              .drained = true,
                              .jobs = (const char(*)[JOB_ID_SIZE])(report_jobs + i * share),
                              .jobs_count = share};
    memset(w->id, 'w', sizeof w->id - 1);
    memset(w->version, 'v', sizeof w->version - 1);
}

/* A report with everything at its limit but for so many workers. */
static inline const struct wire_report *full_report(size_t workers)
{
    report = (struct wire_report){.broker_id = text(JOB_WORKER_ID_MAX),
                                  .uptime_ms = UINT64_MAX,
                                  .credit = UINT32_MAX,
                                  .ready = true,
                                  .draining = true,
                                  .minute = INT64_MAX,
                                  .workers = report_workers,
                                  .workers_count = workers};
    fill_counts(&report.totals);
    for (size_t i = 0; i < TALLY_MINUTES; i++) {
        fill_counts(&report.minutes[i]);
    }
    for (size_t i = 0; i < JOB_ERROR_COUNT; i++) {
        report.codes[i] = (struct tally_code){UINT32_MAX, UINT32_MAX};
    }
    memset(report.steps, 0xFF, sizeof report.steps);
    for (size_t i = 0; i < WIRE_REPORT_JOBS_MAX; i++) {
        memcpy(report_jobs[i], ID, JOB_ID_SIZE);
    }
    for (size_t i = 0; i < workers; i++) {
        fill_worker(i, workers);
    }
    return &report;
}

/* The least one. */
static inline const struct wire_report *bare_report(void)
{
    static const struct wire_report bare = {.broker_id = {"b", 1}};
    return &bare;
}

static const struct meter meter_max = {.percent = 100,
                                       .eta_s = INT32_MAX,
                                       .stage = STAGE_DONE,
                                       .bytes_done = JOB_FILE_ID_MAX,
                                       .bytes_total = (int64_t)JOB_FILE_ID_MAX};
static const struct meter meter_unknown = {.percent = -1, .eta_s = -1, .bytes_total = -1};

/* A message of each kind with every field at its upper limit. */
static inline struct wire_message largest(enum wire_kind kind)
{
    struct wire_message m = {.request_id = UINT64_MAX,
                             .trace = text(WIRE_TRACE_SIZE),
                             .deadline_ms = UINT32_MAX,
                             .kind = kind};
    const struct wire_key key = {text(JOB_ARTIFACT_KEY_MAX)};
    const struct span name = text(JOB_WORKER_ID_MAX);
    fill_samples();
    switch (kind) {
    case WIRE_SUBMIT:
        m.submit = (struct wire_submit){SPAN(ID),
                                        text(JOB_USER_ID_MAX),
                                        JOB_FILE_ID_MAX,
                                        WIRE_PRIORITY_MAX,
                                        UINT32_MAX,
                                        JOB_TIMEOUT_MS_MAX,
                                        JOB_MAX_ATTEMPTS_MAX,
                                        {spec_bytes, JOB_SPEC_MAX},
                                        text(JOB_USER_ID_MAX),
                                        hash_span(WIRE_HASH_SIZE),
                                        hash_span(WIRE_HASH_SIZE)};
        break;
    case WIRE_COMMAND:
        m.command =
            (struct wire_command){COMMAND_REMOVE, SPAN(ID), UINT64_MAX, COMMAND_CODE_COUNT - 1};
        break;
    case WIRE_PING:
    case WIRE_SURVEY:
        break;
    case WIRE_REPORT:
        m.report = full_report(WIRE_REPORT_WORKERS_MAX);
        break;
    case WIRE_DRAIN_WORKER:
        m.drain_worker = (struct wire_drain_worker){name, true};
        break;
    case WIRE_DRAIN_REPLY:
        m.drain_reply = (struct wire_drain_reply){true};
        break;
    case WIRE_DRAIN:
        m.drain = (struct wire_drain){true};
        break;
    case WIRE_SUBMIT_REPLY:
        m.submit_reply = (struct wire_submit_reply){SUBMIT_UNAVAILABLE, SPAN(ID)};
        break;
    case WIRE_COMMAND_REPLY:
        m.command_reply = (struct wire_command_reply){COMMAND_QUEUE_FULL};
        break;
    case WIRE_PONG:
        m.pong = (struct wire_pong){name, UINT32_MAX, true};
        break;
    case WIRE_HELLO:
        m.hello = (struct wire_hello){name, UINT64_MAX,       WIRE_RUNNING_MAX,       UINT64_MAX,
                                      many, WIRE_RUNNING_MAX, text(WIRE_VERSION_MAX), true};
        break;
    case WIRE_OFFER:
        m.offer = (struct wire_offer){UINT64_MAX};
        break;
    case WIRE_HEARTBEAT:
        m.heartbeat = (struct wire_heartbeat){many, WIRE_RUNNING_MAX, true, true};
        break;
    case WIRE_PROGRESS:
        m.progress = (struct wire_progress){attempt, meter_max};
        break;
    case WIRE_RESULT:
        m.result.attempt = attempt;
        m.result.outcome = OUTCOME_COMPLETED;
        m.result.artifact = (struct artifact){text(JOB_ARTIFACT_KEY_MAX),
                                              JOB_FILE_ID_MAX,
                                              {9, 8},
                                              text(JOB_FILE_NAME_MAX),
                                              text(JOB_CONTENT_TYPE_MAX)};
        break;
    case WIRE_DISCARDED:
    case WIRE_DISCARD:
        m.key = key;
        break;
    case WIRE_WELCOME:
        m.welcome = (struct wire_welcome){name};
        break;
    case WIRE_ASSIGN:
        m.assign = (struct wire_assign){
            attempt, JOB_FILE_ID_MAX, {spec_bytes, JOB_SPEC_MAX}, JOB_TIMEOUT_MS_MAX, UINT32_MAX};
        break;
    case WIRE_ACK:
        m.ack = (struct wire_ack){attempt, ACK_CANCELED};
        break;
    case WIRE_ABORT:
        m.abort = (struct wire_abort){attempt, ABORT_STALE};
        break;
    case WIRE_BROKER_ALIVE:
        m.broker_alive = (struct wire_broker_alive){true};
        break;
    case WIRE_EVENT:
        m.event =
            (struct wire_event){SPAN(ID),  EVENT_PROGRESS, JOB_CANCELED, UINT64_MAX, UINT64_MAX,
                                INT64_MAX, meter_max,      name,         name};
        break;
    case WIRE_KIND_COUNT:
        abort();
    }
    return m;
}

/* A failed attempt: the second shape of a Result. */
static inline struct wire_message failed_result(void)
{
    struct wire_message m = {.kind = WIRE_RESULT};
    m.result.attempt = attempt;
    m.result.outcome = OUTCOME_FAILED;
    m.result.failure =
        (struct failure){{long_code, JOB_CODE_MAX}, text(JOB_MESSAGE_MAX), true, UINT32_MAX};
    return m;
}

/* The least message of each kind: what may be empty is. */
static inline struct wire_message least(enum wire_kind kind)
{
    struct wire_message m = largest(kind);
    m.request_id = 0;
    m.trace = (struct span){0};
    m.deadline_ms = 0;
    switch (kind) {
    case WIRE_SUBMIT:
        m.submit = (struct wire_submit){.job_id = SPAN(ID),
                                        .file_id = 1,
                                        .timeout_ms = 1,
                                        .max_attempts = 1,
                                        .spec = SPAN("s")};
        break;
    case WIRE_SUBMIT_REPLY:
        m.submit_reply = (struct wire_submit_reply){.code = SUBMIT_QUOTA};
        break;
    case WIRE_HELLO:
        m.hello = (struct wire_hello){.worker_id = SPAN("w"), .slots = 1};
        break;
    case WIRE_HEARTBEAT:
        m.heartbeat = (struct wire_heartbeat){0};
        break;
    case WIRE_PROGRESS:
        m.progress.meter = meter_unknown;
        m.progress.attempt.fence = 1;
        break;
    case WIRE_RESULT:
        m.result.outcome = OUTCOME_RELEASED;
        break;
    case WIRE_EVENT:
        m.event = (struct wire_event){.job_id = SPAN("0"), .kind = EVENT_SUBSCRIBED};
        break;
    case WIRE_REPORT:
        m.report = bare_report();
        break;
    case WIRE_COMMAND:
    case WIRE_PING:
    case WIRE_SURVEY:
    case WIRE_DRAIN_WORKER:
    case WIRE_DRAIN_REPLY:
    case WIRE_DRAIN:
    case WIRE_COMMAND_REPLY:
    case WIRE_PONG:
    case WIRE_OFFER:
    case WIRE_DISCARDED:
    case WIRE_WELCOME:
    case WIRE_ASSIGN:
    case WIRE_ACK:
    case WIRE_ABORT:
    case WIRE_DISCARD:
    case WIRE_BROKER_ALIVE:
    case WIRE_KIND_COUNT:
        break;
    }
    return m;
}

/* ---- what was read is written again: equal bytes mean that nothing was lost or bent */

struct echo {
    struct wire_packet packet;
    size_t delivered;
    enum wire_kind last;
};

static inline void on_echo(void *context, const struct wire_message *m)
{
    struct echo *e = context;
    cr_assert_eq(wire_add(&e->packet, m), ERR_OK);
    e->delivered++;
    e->last = m->kind;
}

static inline enum err read_bytes(struct span frame, struct echo *e, const char **what)
{
    static struct wire_reader *r; /* one a test program: a test is a process of its own */
    if (r == NULL) {
        cr_assert_eq(wire_reader_new(&r), ERR_OK);
    }
    /* An exact copy, so that reading past its end is seen. */
    char *copy = malloc(frame.len + 1);
    memcpy(copy, frame.ptr, frame.len);
    char *exact = realloc(copy, frame.len > 0 ? frame.len : 1);
    wire_packet_init(&e->packet);
    e->delivered = 0;
    const enum err err = wire_read(r, (struct span){exact, frame.len}, on_echo, e, what);
    free(exact);
    return err;
}

static inline enum err read_raw(const void *bytes, size_t len)
{
    struct echo e;
    const enum err err = read_bytes((struct span){bytes, len}, &e, NULL);
    cr_assert(err == ERR_OK || e.delivered == 0);
    wire_packet_clear(&e.packet);
    return err;
}

#endif
