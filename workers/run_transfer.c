#include "workers/worker.h"

#include <stdlib.h>
#include <string.h>

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

/* ---- which source */

static enum err open_folder_source(struct run *r, struct span name,
                                   const struct source_listener *listener)
{
    return source_file_new(r->worker->folder, name, listener, &r->source);
}

static enum err open_file_source(struct run *r, struct span url,
                                 const struct source_listener *listener)
{
    struct worker *w = r->worker;
    char *name = NULL;
    if (w->source_root == NULL) {
        return ERR_DENIED;
    }
    TRY(source_file_url_name(url, span_of(w->config->source_root), &name));
    const enum err err = source_file_new(w->source_root, span_of(name), listener, &r->source);
    free(name);
    return err;
}

static enum err open_source(struct run *r, const struct found *f)
{
    const struct source_listener listener = {
        .context = r, .begin = on_begin, .bytes = on_bytes, .end = on_end};
    if (f->in_folder) {
        return open_folder_source(r, f->place, &listener);
    }
    switch (catalogue_url_scheme(f->place)) {
    case URL_HTTP:
        return source_http_new(r->worker->http, f->place, &listener, &r->source);
    case URL_FILE:
        return open_file_source(r, f->place, &listener);
    case URL_OTHER:
    default:
        return ERR_INVALID;
    }
}

/* Of finding and opening; what happens later comes through on_end. */
static struct job_fault open_fault(enum err err)
{
    static const struct {
        enum err err;
        enum job_error error;
    } TABLE[] = {
        {ERR_NOT_FOUND, JOB_ERROR_SOURCE_NOT_FOUND},
        {ERR_UNSUPPORTED, JOB_ERROR_SOURCE_NOT_FOUND}, /* no catalogue: it knows no file */
        {ERR_DENIED, JOB_ERROR_SOURCE_FORBIDDEN},
        {ERR_INVALID, JOB_ERROR_SOURCE_INVALID},
        {ERR_TOO_LARGE, JOB_ERROR_SOURCE_INVALID},
        {ERR_UNAVAILABLE, JOB_ERROR_SOURCE_UNREACHABLE}, /* the catalogue is being read again */
    };
    for (size_t i = 0; i < sizeof(TABLE) / sizeof(TABLE[0]); i++) {
        if (TABLE[i].err == err) {
            return job_fault_of(TABLE[i].error);
        }
    }
    return job_fault_of(JOB_ERROR_INTERNAL);
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
    r->expect.size_bytes = f->size_bytes;
    r->expect.has_catalogue_sha256 = f->sha256 != NULL;
    if (f->sha256 != NULL) {
        memcpy(r->expect.catalogue_sha256, f->sha256, SHA256_SIZE);
    }
}

void transfer_begin(struct run *r, const struct wire_assign *a, const struct job_spec *spec)
{
    struct worker *w = r->worker;
    struct found f;
    if (spec->archive || spec->file_ids_count != 1 || spec->format != FORMAT_ORIGINAL) {
        run_fail(r, job_fault_of(JOB_ERROR_FORMAT_UNSUPPORTED));
        return;
    }
    (void)a;
    enum err err = lookup_find(w->lookup, spec->file_ids[0], &f);
    if (err == ERR_OK) {
        take_found(r, &f);
        err = open_source(r, &f);
    }
    if (err != ERR_OK) {
        run_fail(r, open_fault(err));
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
    run_progress(r, &m);
    if (stall_watch_stalled(&r->stall, r->received, now_ms, c->stall_bytes, c->stall_ms)) {
        run_fail(r, job_fault_of(JOB_ERROR_SOURCE_STALLED));
    }
    return source_wants_turns(r->source) ? now_ms : now_ms + PROGRESS_REPORT_MS;
}
