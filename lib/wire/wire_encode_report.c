/* Wire encode, for the one message that is too large for the usual tree. */
#include "wire/wire_encode.h"

/* protobuf-c's structs know no const; packing only reads. */
static void *unconst(const void *p)
{
    return (void *)(uintptr_t)p;
}

static void fill_counts(const struct tally_counts *c, Longhaul__V1__Counts *out)
{
    longhaul__v1__counts__init(out);
    out->accepted = c->of[TALLY_ACCEPTED];
    out->completed = c->of[TALLY_COMPLETED];
    out->failed = c->of[TALLY_FAILED];
    out->canceled = c->of[TALLY_CANCELED];
    out->retried = c->of[TALLY_RETRIED];
}

static void put_minutes(const struct wire_report *r, struct wire_report_tree *t,
                        Longhaul__V1__Report *out)
{
    for (size_t i = 0; i < TALLY_MINUTES; i++) {
        fill_counts(&r->minutes[i], &t->minutes[i]);
        t->minute_pointers[i] = &t->minutes[i];
    }
    out->minute = r->minute;
    out->n_minutes = TALLY_MINUTES;
    out->minutes = t->minute_pointers;
}

/* Only the codes that occurred. */
static void put_codes(const struct wire_report *r, struct wire_report_tree *t,
                      Longhaul__V1__Report *out)
{
    size_t count = 0;
    for (enum job_error e = 0; e < JOB_ERROR_COUNT; e++) {
        if (r->codes[e].jobs == 0 && r->codes[e].attempts == 0) {
            continue;
        }
        Longhaul__V1__CodeCount *code = &t->codes[count];
        longhaul__v1__code_count__init(code);
        code->code = e == JOB_ERROR_NONE ? code->code : unconst(job_error_code(e).ptr);
        code->jobs = r->codes[e].jobs;
        code->attempts = r->codes[e].attempts;
        t->code_pointers[count++] = code;
    }
    out->n_codes = count;
    out->codes = t->code_pointers;
}

static void put_workers(const struct wire_report *r, struct wire_report_tree *t,
                        Longhaul__V1__Report *out)
{
    size_t jobs = 0;
    for (size_t i = 0; i < r->workers_count; i++) {
        const struct wire_worker *w = &r->workers[i];
        Longhaul__V1__WorkerReport *to = &t->workers[i];
        longhaul__v1__worker_report__init(to);
        to->worker_id = unconst(w->id);
        to->version = unconst(w->version);
        to->slots = w->slots;
        to->free = w->free;
        to->running = w->running;
        to->seen_ms = w->seen_ms;
        to->connected = w->connected;
        to->stopping = w->stopping;
        to->drained = w->drained;
        to->n_job_ids = w->jobs_count;
        to->job_ids = t->jobs + jobs;
        for (size_t j = 0; j < w->jobs_count; j++) {
            t->jobs[jobs++] = unconst(w->jobs[j]);
        }
        t->worker_pointers[i] = to;
    }
    out->n_workers = r->workers_count;
    out->workers = t->worker_pointers;
}

void wire_encode_report(const struct wire_message *m, struct wire_tree *tree)
{
    const struct wire_report *r = m->report;
    struct wire_report_tree *t = tree->report;
    Longhaul__V1__Report *out = &tree->body.report;
    longhaul__v1__report__init(out);
    out->broker_id = wire_encode_text(tree, r->broker_id);
    out->uptime_ms = r->uptime_ms;
    out->credit = r->credit;
    out->ready = r->ready;
    out->draining = r->draining;
    fill_counts(&r->totals, &t->totals);
    out->totals = &t->totals;
    out->n_steps = TALLY_STEPS;
    out->steps = unconst(r->steps);
    put_minutes(r, t, out);
    put_codes(r, t, out);
    put_workers(r, t, out);
}
