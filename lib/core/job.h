/* Job: the words of the domain, shared by all programs.
 *
 * State machine (every arrow is one atomic step in Redis, see ports/functions/):
 *
 *            submit                 claim                    complete
 *     (none) ------> queued  <----------------->  running  ----------> completed
 *                    |   ^   \    retry later,    |  |  \
 *             cancel |   |    \   release, lost   |  |   \ fail (final)
 *                    v   |     \                  |  |    `---------> failed
 *                canceled`------`-- retry --------+--|------------------'
 *                    ^                               |
 *                    `------------- cancel ----------'   (mark first; the attempt's end or its
 *                                                         lost lease makes it canceled)
 *
 * The transition table itself is in core/job_machine.h. */
#ifndef LONGHAUL_CORE_JOB_H
#define LONGHAUL_CORE_JOB_H

#include "base/err.h"
#include "base/ids.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum job_status {
    JOB_QUEUED,
    JOB_RUNNING,
    JOB_COMPLETED,
    JOB_FAILED,
    JOB_CANCELED,
    JOB_STATUS_COUNT
};
enum job_stage {
    STAGE_QUEUED,
    STAGE_FETCHING,
    STAGE_PACKING,
    STAGE_UPLOADING,
    STAGE_DONE,
    STAGE_COUNT
};
enum job_format { FORMAT_ORIGINAL, FORMAT_GZIP, FORMAT_ZSTD, FORMAT_ZIP, FORMAT_TAR, FORMAT_COUNT };

enum {
    JOB_USER_ID_MAX = 128,      /* bytes */
    JOB_FILE_NAME_MAX = 255,    /* bytes, as file systems have it */
    JOB_CONTENT_TYPE_MAX = 127, /* bytes, RFC 6838 §4.2 */
    JOB_MESSAGE_MAX = 512,      /* bytes of an error message */
    JOB_CODE_MAX = 32,          /* bytes of an error code */
    JOB_ARTIFACT_KEY_MAX = 160, /* bytes */
    JOB_WORKER_ID_MAX = 64,     /* bytes */
    JOB_FILE_IDS_MAX = 1000,
    JOB_SPEC_MAX = 16384, /* bytes of a packed JobSpec */
    JOB_PRIORITY_DEFAULT = 5,
    JOB_MAX_ATTEMPTS_DEFAULT = 3,
    JOB_MAX_ATTEMPTS_MAX = 10,
    JOB_TIMEOUT_MS_MAX = 300000,
    JOB_MANUAL_RETRIES_MAX = 3,
    JOB_CRASHES_MAX = 3, /* a job that lost its lease so often fails WORKER_LOST */
    JOB_LOG_MAX = 64,    /* transitions kept in the record */
    SHA256_SIZE = 32,
    SHA256_HEX_LEN = 64,
};

#define JOB_FILE_ID_MAX                                                                            \
    ((uint64_t)9007199254740991) /* 2^53 - 1: what JSON numbers carry exactly                      \
                                  */
#define JOB_KEY_PREFIX "download:job:"

const char *job_status_name(enum job_status s); /* "queued" … as the API spells it */
MUST_CHECK enum err job_status_parse(struct span text, enum job_status *out);
bool job_status_terminal(enum job_status s);
const char *job_stage_name(enum job_stage s); /* "fetching" … */
MUST_CHECK enum err job_stage_parse(struct span text, enum job_stage *out);

/* One attempt of one job. The fence grows with each claim; a write with an old one is refused. */
struct attempt {
    char job_id[JOB_ID_SIZE];
    uint64_t fence;
};

/* How far an attempt is. */
struct meter {
    int percent; /* 0-100; -1 unknown */
    int eta_s;   /* seconds; -1 unknown */
    enum job_stage stage;
    uint64_t bytes_done;
    int64_t bytes_total; /* -1 unknown */
};

/* What a finished attempt made. Spans are borrowed. */
struct artifact {
    struct span key; /* within the store */
    uint64_t size_bytes;
    unsigned char sha256[SHA256_SIZE];
    struct span file_name;
    struct span content_type;
};

/* Why an attempt failed. `code` is one of core/job_error.h. Spans are borrowed. */
struct failure {
    struct span code;
    struct span message;
    bool retryable;
    uint32_t retry_after_ms; /* what the source asked for; 0 nothing */
};

/* A simulated transfer. */
struct simulate {
    uint32_t duration_ms;
    uint32_t progress_ms;
    uint64_t size_bytes;
    uint32_t fail_attempts;
    struct span error_code;
    bool stalls;
    uint32_t stall_at_percent; /* only if it stalls; 0: at once */
};

/* What a job is to do. Spans and the array are borrowed. */
struct job_spec {
    const uint64_t *file_ids;
    size_t file_ids_count; /* 1 … JOB_FILE_IDS_MAX */
    struct span file_name; /* empty: the catalogue decides */
    enum job_format format;
    bool has_sha256;
    unsigned char sha256[SHA256_SIZE];
    bool has_simulate;
    struct simulate simulate;
    bool archive; /* asked with file_ids */
};

#endif
