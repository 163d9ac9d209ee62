#include "broker/report.h"

#include "base/clock.h"
#include "broker/workers.h"
#include "core/tally.h"
#include "ports/record_reader.h"

#include <stdlib.h>
#include <string.h>

struct report {
    int64_t began_ms;
    struct tally tally;
    struct wire_report message; /* what is being told; too large for a stack */
    struct wire_worker workers[WORKERS_MAX];
    char jobs[WIRE_REPORT_JOBS_MAX][JOB_ID_SIZE];
};

_Static_assert((int)WORKERS_MAX <= (int)WIRE_REPORT_WORKERS_MAX, "all workers fit a report");

enum err report_new(struct broker *b, struct report **out)
{
    struct report *r = calloc(1, sizeof *r);
    if (r == NULL) {
        return ERR_NOMEM;
    }
    tally_init(&r->tally);
    r->began_ms = b->now_ms;
    *out = r;
    return ERR_OK;
}

void report_destroy(struct report **r)
{
    free(*r);
    *r = NULL;
}

/* ---- counting */

void report_accepted(struct broker *b)
{
    tally_event(&b->report->tally, TALLY_ACCEPTED, clock_wall_ms());
}

void report_canceled(struct broker *b)
{
    tally_event(&b->report->tally, TALLY_CANCELED, clock_wall_ms());
}

void report_completed(struct broker *b, int64_t began_ms)
{
    if (began_ms != 0) {
        tally_completed(&b->report->tally, b->now_ms - began_ms, clock_wall_ms());
    } else {
        tally_event(&b->report->tally, TALLY_COMPLETED, clock_wall_ms());
    }
}

void report_failure(struct broker *b, struct span code, enum job_status status)
{
    if (status == JOB_FAILED || status == JOB_QUEUED) {
        tally_failure(&b->report->tally, job_error_parse(code), status == JOB_QUEUED,
                      clock_wall_ms());
    }
}

/* A record that went on since then (claimed again) is no use; its last requeue still is. */
static void on_reaped(void *context, enum err err, const struct job_record *record)
{
    struct broker *b = context;
    struct record_transition t, last = {.status = JOB_RUNNING};
    struct span rest = err == ERR_OK ? record->log : (struct span){0};
    while (record_log_next(&rest, &t)) {
        last = t.status == JOB_RUNNING ? last : t;
    }
    if (last.error_code.len > 0) {
        report_failure(b, last.error_code, last.status);
    }
}

void report_reaped(struct broker *b, struct span job_id, enum job_status status)
{
    if (status == JOB_CANCELED) {
        report_canceled(b);
    } else if (reader_get(b->redis, job_id, on_reaped, b) != ERR_OK) {
        report_failure(b, (struct span){0}, status);
    }
}

/* ---- telling */

static void tell_numbers(struct broker *b, struct wire_report *out)
{
    const struct report *r = b->report;
    const int64_t wall_ms = clock_wall_ms();
    *out = (struct wire_report){
        .broker_id = span_of(b->id),
        .uptime_ms = (uint64_t)(b->now_ms - r->began_ms),
        .credit = (uint32_t)sched_credit(workers_sched(b->workers)),
        .ready = b->prepared && !b->draining,
        .draining = b->draining,
        .totals = r->tally.totals,
        .minute = wall_ms / 60000,
    };
    for (size_t i = 0; i < TALLY_MINUTES; i++) {
        out->minutes[i] = tally_minute_ago(&r->tally, i, wall_ms);
    }
    for (enum job_error e = 0; e < JOB_ERROR_COUNT; e++) {
        out->codes[e] = tally_code_of(&r->tally, e, wall_ms);
    }
    tally_steps(&r->tally, REPORT_STEPS_MINUTES, wall_ms, out->steps);
}

static void tell_jobs(struct report *r, const struct worker *w, size_t *used,
                      struct wire_worker *out)
{
    out->jobs = (const char(*)[JOB_ID_SIZE])(r->jobs + *used);
    for (struct list *at = w->running.next; at != &w->running; at = at->next) {
        const struct running *running = LIST_ENTRY(at, struct running, by_worker);
        out->running++;
        if (out->jobs_count < REPORT_WORKER_JOBS_MAX && *used < WIRE_REPORT_JOBS_MAX) {
            memcpy(r->jobs[*used], running->attempt.job_id, JOB_ID_SIZE);
            out->jobs_count++;
            (*used)++;
        }
    }
}

static uint32_t milliseconds(int64_t ms)
{
    return ms < 0 ? 0 : ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}

static void tell_worker(struct broker *b, const struct worker *w, size_t *used,
                        struct wire_worker *out)
{
    const struct sched *sched = workers_sched(b->workers);
    *out = (struct wire_worker){
        .slots = sched_slots(sched, w->seat),
        .free = sched_free(sched, w->seat),
        .seen_ms = milliseconds(b->now_ms - w->seen_ms),
        .connected = w->peer != NULL && !w->silent,
        .stopping = w->draining,
        .drained = w->drained,
    };
    memcpy(out->id, w->id, sizeof out->id);
    memcpy(out->version, w->version, sizeof out->version);
    tell_jobs(b->report, w, used, out);
}

void report_survey(struct broker *b, struct peer *peer, const struct wire_message *m)
{
    struct report *r = b->report;
    size_t used = 0;
    tell_numbers(b, &r->message);
    r->message.workers = r->workers;
    for (unsigned seat = 0; seat < WORKERS_MAX; seat++) {
        const struct worker *w = workers_at(b->workers, seat);
        if (w->used) {
            tell_worker(b, w, &used, &r->workers[r->message.workers_count++]);
        }
    }
    peers_say(b->peers, peer,
              &(struct wire_message){
                  .request_id = m->request_id, .kind = WIRE_REPORT, .report = &r->message});
}
