/* Initiate: the body of POST /v1/download/initiate -> what is to be done, or why not.
 *
 * Strict (contract §2): an object without unknown or double members, each of its type and in its
 * range. Numbers must be JSON integers without fraction or exponent. A refusal names the member by
 * JSON pointer (RFC 6901).
 *
 *     {"file_id": 42, "userId": "u1", "options": {"fileName": "a.bin", "priority": 7,
 *      "simulate": {"durationMs": 1000}}} */
#ifndef LONGHAUL_CORE_INITIATE_H
#define LONGHAUL_CORE_INITIATE_H

#include "base/err.h"
#include "base/span.h"
#include "core/job.h"
#include "core/problem.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    INITIATE_BODY_MAX = 65536,     /* bytes */
    INITIATE_DELAY_S_MAX = 604800, /* a week */
    INITIATE_TIMEOUT_S_MIN = 10,
    INITIATE_PRIORITY_MAX = 9,
    INITIATE_FAIL_ATTEMPTS_MAX = 100, /* more than a job's life can have */
    INITIATE_PROGRESS_MS_DEFAULT = 250,
    INITIATE_POINTER_SIZE = 256, /* a longer pointer is cut to its parent */
    INITIATE_DETAIL_SIZE = 256,
};
#define INITIATE_SIMULATED_BYTES_MAX (UINT64_C(1) << 40) /* no store of a demo has more */

/* What this server offers. */
struct initiate_rules {
    bool allow_simulate; /* else 400 at /options/simulate */
};

/* Made by initiate_parse, ended by initiate_clear; spans in it live until then. Must not be moved
 * (spec.file_ids may point at `file_id`). */
struct initiate_request {
    struct job_spec spec;
    uint64_t file_id;    /* the first one */
    uint32_t priority;   /* 0-9 */
    uint32_t delay_ms;   /* 0: now */
    uint32_t timeout_ms; /* JOB_TIMEOUT_MS_MAX unless asked for less */
    uint32_t max_attempts;
    bool has_user;
    struct span user_id; /* empty without a user */

    void *document;                        /* owned: the parsed JSON */
    uint64_t *file_ids;                    /* owned: NULL for a single file */
    char file_name[JOB_FILE_NAME_MAX + 1]; /* storage of a name that had to be sanitised */
};

struct initiate_refusal {
    enum problem_code code;              /* VALIDATION_FAILED, MALFORMED_JSON or BODY_TOO_LARGE */
    char pointer[INITIATE_POINTER_SIZE]; /* NUL-terminated, "" for the whole document */
    char detail[INITIATE_DETAIL_SIZE];   /* NUL-terminated, for people */
};

/* ERR_INVALID: *refusal says why. ERR_NOMEM: neither is filled. *out needs initiate_clear only
 * after ERR_OK. */
MUST_CHECK enum err initiate_parse(struct span body, const struct initiate_rules *rules,
                                   struct initiate_request *out, struct initiate_refusal *refusal);
void initiate_clear(struct initiate_request *r); /* safe to repeat */

/* SHA-256 of the body's canonical form (members sorted, no white space): equal for bodies that say
 * the same. Only wanted with an Idempotency-Key. ERR_NOMEM. */
MUST_CHECK enum err initiate_fingerprint(const struct initiate_request *r,
                                         unsigned char out[SHA256_SIZE]);

#endif
