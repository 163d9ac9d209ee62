/* Wire decode of the largest message: a broker's report. */
#include "wire/wire_decode.h"

#include "wire/wire_fault.h"

#include <string.h>

enum { CODES_MAX = 64 /* of one report; those we do not know are added up */ };

/* Arrays of the arena that workers share. */
struct room {
    char (*jobs)[JOB_ID_SIZE];
    size_t used;
};

static void get_counts(const Longhaul__V1__Counts *in, struct tally_counts *out)
{
    *out = (struct tally_counts){{
        [TALLY_ACCEPTED] = in->accepted,
        [TALLY_COMPLETED] = in->completed,
        [TALLY_FAILED] = in->failed,
        [TALLY_CANCELED] = in->canceled,
        [TALLY_RETRIED] = in->retried,
    }};
}

static uint32_t sum(uint32_t a, uint32_t b)
{
    return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

static const char *get_numbers(const Longhaul__V1__Report *in, struct wire_report *out)
{
    NEED(in->totals != NULL, "report: no totals");
    NEED(in->n_minutes <= TALLY_MINUTES, "report: too many minutes");
    NEED(in->n_steps <= TALLY_STEPS, "report: too many steps");
    NEED(in->n_codes <= CODES_MAX, "report: too many codes");
    get_counts(in->totals, &out->totals);
    for (size_t i = 0; i < in->n_minutes; i++) {
        get_counts(in->minutes[i], &out->minutes[i]);
    }
    for (size_t i = 0; i < in->n_steps; i++) {
        out->steps[i] = in->steps[i];
    }
    for (size_t i = 0; i < in->n_codes; i++) {
        const Longhaul__V1__CodeCount *c = in->codes[i];
        struct tally_code *to = &out->codes[job_error_parse(wire_arena_text(c->code))];
        to->jobs = sum(to->jobs, c->jobs);
        to->attempts = sum(to->attempts, c->attempts);
    }
    return NULL;
}

/* An embedded NUL would make another, shorter text of it. */
static const char *copy_text(const char *in, char *out, size_t out_size, const char *what)
{
    const struct span text = wire_arena_text(in);
    NEED(text.len < out_size && (text.len == 0 || memchr(text.ptr, '\0', text.len) == NULL), what);
    if (text.len > 0) {
        memcpy(out, text.ptr, text.len);
    }
    out[text.len] = '\0';
    return NULL;
}

static const char *get_worker(const Longhaul__V1__WorkerReport *in, struct room *room,
                              struct wire_worker *out)
{
    *out = (struct wire_worker){
        .slots = in->slots,
        .free = in->free,
        .running = in->running,
        .seen_ms = in->seen_ms,
        .connected = in->connected != 0,
        .stopping = in->stopping != 0,
        .drained = in->drained != 0,
        .jobs = room->jobs != NULL ? (const char(*)[JOB_ID_SIZE])(room->jobs + room->used) : NULL,
        .jobs_count = in->n_job_ids,
    };
    ALSO(copy_text(in->worker_id, out->id, sizeof out->id, "report: bad worker id"));
    ALSO(copy_text(in->version, out->version, sizeof out->version, "report: bad version"));
    for (size_t i = 0; room->jobs != NULL && i < in->n_job_ids; i++) {
        ALSO(copy_text(in->job_ids[i], room->jobs[room->used], JOB_ID_SIZE, "report: bad job id"));
        room->used++;
    }
    return NULL;
}

static const char *get_workers(const Longhaul__V1__Report *in, struct wire_arena *arena,
                               struct wire_report *out)
{
    size_t jobs = 0;
    NEED(in->n_workers <= WIRE_REPORT_WORKERS_MAX, "report: too many workers");
    for (size_t i = 0; i < in->n_workers; i++) {
        jobs += in->workers[i]->n_job_ids;
        NEED(jobs <= WIRE_REPORT_JOBS_MAX, "report: too many jobs");
    }
    if (in->n_workers == 0) {
        return NULL;
    }
    struct room room = {.jobs = jobs > 0 ? wire_arena_take(arena, jobs * JOB_ID_SIZE) : NULL};
    struct wire_worker *workers = wire_arena_take(arena, in->n_workers * sizeof *workers);
    NEED(workers != NULL && (jobs == 0 || room.jobs != NULL), "over the limit of memory");
    for (size_t i = 0; i < in->n_workers; i++) {
        ALSO(get_worker(in->workers[i], &room, &workers[i]));
    }
    out->workers = workers;
    out->workers_count = in->n_workers;
    return NULL;
}

const char *wire_decode_report(const Longhaul__V1__Envelope *in, struct wire_arena *arena,
                               struct wire_message *out)
{
    const Longhaul__V1__Report *r = in->report;
    struct wire_report *report = wire_arena_take(arena, sizeof *report);
    NEED(report != NULL, "over the limit of memory");
    *report = (struct wire_report){
        .broker_id = wire_arena_text(r->broker_id),
        .uptime_ms = r->uptime_ms,
        .credit = r->credit,
        .ready = r->ready != 0,
        .draining = r->draining != 0,
        .minute = r->minute,
    };
    out->report = report;
    ALSO(get_numbers(r, report));
    return get_workers(r, arena, report);
}
