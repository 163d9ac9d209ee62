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
    DEF(SOURCE_NOT_FOUND, false, "The source does not have this file. Check its id."),
    DEF(SOURCE_FORBIDDEN, false,
        "The source does not let this service read the file. Ask its operator for access."),
    DEF(SOURCE_UNREACHABLE, true, "The source could not be reached or broke off. Try again later."),
    DEF(SOURCE_STALLED, true, "The source stopped sending. Try again later."),
    DEF(SOURCE_TOO_LARGE, false,
        "The file is larger than this service accepts. Ask for a smaller one."),
    DEF(SOURCE_INVALID, false, "The source gave an answer that is not a file. Tell its operator."),
    DEF(CHECKSUM_MISMATCH, true,
        "The file is not the one that was expected. Check what is expected of it."),
    DEF(FORMAT_UNSUPPORTED, false, "This format is not offered here. Ask for another one."),
    DEF(STORE_UNAVAILABLE, true, "The file could not be stored. Try again later."),
    DEF(TIMEOUT, true, "The transfer took longer than it may. Try again, or give it more time."),
    DEF(WORKER_LOST, true, "Three workers were lost while they ran this job. Try again later."),
    DEF(INTERNAL, false,
        "Something went wrong inside the service. Tell its operator the job's id."),
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
