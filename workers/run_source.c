#include "workers/worker.h"

#include <stdlib.h>
#include <string.h>

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

enum err run_open_source(struct run *r, const struct found *f,
                         const struct source_listener *listener)
{
    if (f->in_folder) {
        return open_folder_source(r, f->place, listener);
    }
    switch (catalogue_url_scheme(f->place)) {
    case URL_HTTP:
        return source_http_new(r->worker->http, f->place, listener, &r->source);
    case URL_FILE:
        return open_file_source(r, f->place, listener);
    case URL_OTHER:
    default:
        return ERR_INVALID;
    }
}

struct job_fault run_open_fault(enum err err)
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

void run_expect_found(struct transfer_expect *expect, const struct found *f)
{
    expect->size_bytes = f->size_bytes;
    expect->has_catalogue_sha256 = f->sha256 != NULL;
    if (f->sha256 != NULL) {
        memcpy(expect->catalogue_sha256, f->sha256, SHA256_SIZE);
    }
}

int64_t run_local_size(const struct worker *w, const struct found *f)
{
    int64_t size_bytes = -1;
    char *name = NULL;
    if (f->in_folder) {
        return source_file_size(w->folder, f->place);
    }
    if (w->source_root != NULL && catalogue_url_scheme(f->place) == URL_FILE &&
        source_file_url_name(f->place, span_of(w->config->source_root), &name) == ERR_OK) {
        size_bytes = source_file_size(w->source_root, span_of(name));
        free(name);
    }
    return size_bytes;
}
