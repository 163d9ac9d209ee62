/* Job error: the closed list of reasons why an attempt fails.
 *
 * Each code says whether trying again can help, and has two sentences for people. The list is part
 * of the API (`error.code`): codes are added, never renamed. */
#ifndef LONGHAUL_CORE_JOB_ERROR_H
#define LONGHAUL_CORE_JOB_ERROR_H

#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum job_error {
    JOB_ERROR_NONE, /* nothing failed */
    JOB_ERROR_SOURCE_NOT_FOUND,
    JOB_ERROR_SOURCE_FORBIDDEN,
    JOB_ERROR_SOURCE_UNREACHABLE,
    JOB_ERROR_SOURCE_STALLED,
    JOB_ERROR_SOURCE_TOO_LARGE,
    JOB_ERROR_SOURCE_INVALID,
    JOB_ERROR_CHECKSUM_MISMATCH,
    JOB_ERROR_FORMAT_UNSUPPORTED,
    JOB_ERROR_STORE_UNAVAILABLE,
    JOB_ERROR_TIMEOUT,
    JOB_ERROR_WORKER_LOST,
    JOB_ERROR_INTERNAL,
    JOB_ERROR_COUNT
};

/* What went wrong with one attempt. Value type; the message is constant text. */
struct job_fault {
    enum job_error error; /* JOB_ERROR_NONE: all is well */
    bool retryable;
    const char *message;     /* for people; no secrets, no addresses; not NULL */
    uint32_t retry_after_ms; /* what the source asked for; 0 nothing */
};

/* Sentences of more than one place. Each message of a job says what happened and what to do. */
#define JOB_TEXT_CHANGED "The source changed while it was being read. Try again later."
#define JOB_TEXT_OTHER_SIZE                                                                        \
    "The file does not have the size that the catalogue names. Tell the catalogue's operator."
#define JOB_TEXT_NO_MEMORY "The worker is out of memory. Try again later."

#define JOB_FAULT_NONE ((struct job_fault){.message = ""})

struct span job_error_code(enum job_error e); /* "SOURCE_NOT_FOUND" …; empty for NONE */
bool job_error_retryable(enum job_error e);
const char *job_error_message(enum job_error e);
/* JOB_ERROR_NONE for text that is not on the list. */
enum job_error job_error_parse(struct span code);

struct job_fault job_fault_of(enum job_error e); /* as the list has it */
/* With another sentence; `message` is constant text. */
struct job_fault job_fault_text(enum job_error e, const char *message);
/* Not worth another attempt, whatever the list says of the code. */
struct job_fault job_fault_final(enum job_error e, const char *message);

#endif
