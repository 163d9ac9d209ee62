#include "workers/worker.h"

void run_fail(struct run *r, struct job_fault fault)
{
    if (!r->ended) {
        r->ended = true;
        r->fault = fault;
    }
}

bool run_count(struct run *r, size_t source_bytes)
{
    const uint64_t max = r->worker->config->source_bytes_max;
    if (source_bytes > max || r->received > max - source_bytes) {
        run_fail(r, job_fault_of(JOB_ERROR_SOURCE_TOO_LARGE));
        return false;
    }
    r->received += source_bytes;
    return true;
}

bool run_store(struct run *r, struct span artifact)
{
    struct worker *w = r->worker;
    /* Only now: most failures come before the first byte, and an empty file needs no sink. */
    if (r->commit.sink.fd < 0 && file_sink_open(w->store, r->key, &r->commit.sink) != ERR_OK) {
        run_fail(r, job_fault_of(JOB_ERROR_STORE_UNAVAILABLE));
        return false;
    }
    if (digest_add(&r->digest, artifact) != ERR_OK) {
        run_fail(r, job_fault_text(JOB_ERROR_INTERNAL, JOB_TEXT_NO_MEMORY));
        return false;
    }
    if (file_sink_write(&r->commit.sink, artifact) != ERR_OK) {
        run_fail(r, job_fault_of(JOB_ERROR_STORE_UNAVAILABLE));
        return false;
    }
    r->stored += artifact.len;
    return true;
}

bool run_intake(struct run *r, struct span bytes)
{
    return run_count(r, bytes.len) && run_store(r, bytes);
}
