#include "core/job_error.h"

#include <assert.h>
#include <stddef.h>

struct error_def {
    struct span code;
    bool retryable;
    const char *message;
};

#define DEF(name, again, text) [JOB_ERROR_##name] = {{#name, sizeof(#name) - 1}, again, text}

static const struct error_def DEFS[JOB_ERROR_COUNT] = {
    [JOB_ERROR_NONE] = {{NULL, 0}, false, ""},
    DEF(SOURCE_NOT_FOUND, false, "The source does not have this file."),
    DEF(SOURCE_FORBIDDEN, false, "The source may not be read."),
    DEF(SOURCE_UNREACHABLE, true, "The source could not be reached or broke off."),
    DEF(SOURCE_STALLED, true, "The source stopped sending."),
    DEF(SOURCE_TOO_LARGE, false, "The source is larger than this service accepts."),
    DEF(SOURCE_INVALID, false, "The source gave an answer that is not a file."),
    DEF(CHECKSUM_MISMATCH, true, "The file is not the one that was expected."),
    DEF(FORMAT_UNSUPPORTED, false, "This format is not offered here."),
    DEF(STORE_UNAVAILABLE, true, "The file could not be stored."),
    DEF(TIMEOUT, true, "The transfer took longer than it may."),
    DEF(WORKER_LOST, true, "The machines that worked on this job were lost."),
    DEF(INTERNAL, false, "Something went wrong inside the service."),
};

struct span job_error_code(enum job_error e)
{
    assert(e < JOB_ERROR_COUNT);
    return DEFS[e].code;
}

bool job_error_retryable(enum job_error e)
{
    assert(e < JOB_ERROR_COUNT);
    return DEFS[e].retryable;
}

const char *job_error_message(enum job_error e)
{
    assert(e < JOB_ERROR_COUNT);
    return DEFS[e].message;
}

enum job_error job_error_parse(struct span code)
{
    for (enum job_error e = JOB_ERROR_NONE + 1; e < JOB_ERROR_COUNT; e++) {
        if (span_eq(code, DEFS[e].code)) {
            return e;
        }
    }
    return JOB_ERROR_NONE;
}

struct job_fault job_fault_of(enum job_error e)
{
    return job_fault_text(e, job_error_message(e));
}

struct job_fault job_fault_text(enum job_error e, const char *message)
{
    return (struct job_fault){.error = e, .retryable = job_error_retryable(e), .message = message};
}

struct job_fault job_fault_final(enum job_error e, const char *message)
{
    return (struct job_fault){.error = e, .retryable = false, .message = message};
}
