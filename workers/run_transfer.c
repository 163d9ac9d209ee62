#include "workers/worker.h"

/* ---- what the source says */

static void take_text(char *field, size_t size, const char *text)
{
    if (field[0] == '\0') {
        (void)!span_copy(span_of(text), field, size);
    }
}

static bool on_begin(void *context, const struct source_info *info)
{
    struct run *r = context;
    const struct job_fault fault =
        transfer_verify_size(&r->expect, info->size_bytes, r->worker->config->source_bytes_max);
    if (fault.error != JOB_ERROR_NONE) {
        run_fail(r, fault);
        return false;
    }
    r->total = info->size_bytes;
    if (r->file_name[0] == '\0' &&
        source_name_clean(span_of(info->file_name), r->file_name) != ERR_OK) {
        r->file_name[0] = '\0';
    }
    take_text(r->content_type, sizeof(r->content_type), info->content_type);
    return true;
}

static enum source_take on_bytes(void *context, struct span bytes)
{
    return run_intake(context, bytes) ? SOURCE_TAKEN : SOURCE_STOP;
}

static void on_end(void *context, const struct job_fault *fault)
{
    run_fail(context, *fault);
}

static void take_found(struct run *r, const struct found *f)
{
    const uint32_t limit_ms = (uint32_t)(r->deadline_ms - r->started_ms);
    r->deadline_ms = r->started_ms + class_timeouts_cap(&r->worker->config->class_timeouts,
                                                        f->class_name, limit_ms);
    if (r->file_name[0] == '\0' && source_name_clean(f->file_name, r->file_name) != ERR_OK) {
        r->file_name[0] = '\0'; /* nothing usable is left: the source may know a name */
    }
    (void)!span_copy(f->content_type, r->content_type, sizeof(r->content_type));
    run_expect_found(&r->expect, f);
}

void transfer_begin(struct run *r, const struct wire_assign *a, const struct job_spec *spec)
{
    const struct source_listener listener = {
        .context = r, .begin = on_begin, .bytes = on_bytes, .end = on_end};
    struct found f;
    (void)a;
    enum err err = lookup_find(r->worker->lookup, spec->file_ids[0], &f);
    if (err == ERR_OK) {
        take_found(r, &f);
        err = run_open_source(r, &f, &listener);
    }
    if (err != ERR_OK) {
        run_fail(r, run_open_fault(err));
    }
}

static struct meter meter_of(const struct run *r)
{
    return (struct meter){.percent = progress_percent(r->received, r->total),
                          .eta_s = progress_rate_eta_s(&r->rate, r->received, r->total),
                          .stage = STAGE_FETCHING,
                          .bytes_done = r->received,
                          .bytes_total = r->total};
}

int64_t transfer_turn(struct run *r, int64_t now_ms)
{
    const struct worker_config *c = r->worker->config;
    if (source_wants_turns(r->source)) {
        source_turn(r->source);
    }
    progress_rate_sample(&r->rate, r->received, now_ms);
    const struct meter m = meter_of(r);
    (void)run_progress(r, &m);
    if (stall_watch_stalled(&r->stall, r->received, now_ms, c->stall_bytes, c->stall_ms)) {
        run_fail(r, job_fault_of(JOB_ERROR_SOURCE_STALLED));
    }
    return source_wants_turns(r->source) ? now_ms : now_ms + PROGRESS_REPORT_MS;
}
