#include "workers/worker.h"

void run_fail(struct run *r, struct job_fault fault)
{
    if (!r->ended) {
        r->ended = true;
        r->fault = fault;
    }
}

bool run_intake(struct run *r, struct span bytes)
{
    struct worker *w = r->worker;
    if (bytes.len > w->config->source_bytes_max ||
        r->received > w->config->source_bytes_max - bytes.len) {
        run_fail(r, job_fault_of(JOB_ERROR_SOURCE_TOO_LARGE));
        return false;
    }
    /* Only now: most failures come before the first byte, and an empty file needs no sink. */
    if (r->commit.sink.fd < 0 && file_sink_open(w->store, r->key, &r->commit.sink) != ERR_OK) {
        run_fail(r, job_fault_of(JOB_ERROR_STORE_UNAVAILABLE));
        return false;
    }
    if (digest_add(&r->digest, bytes) != ERR_OK) {
        run_fail(r, job_fault_text(JOB_ERROR_INTERNAL, "Out of memory."));
        return false;
    }
    if (file_sink_write(&r->commit.sink, bytes) != ERR_OK) {
        run_fail(r, job_fault_of(JOB_ERROR_STORE_UNAVAILABLE));
        return false;
    }
    r->received += bytes.len;
    return true;
}
