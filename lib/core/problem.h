/* Problem: the closed list of errors of the HTTP API, and their bodies (RFC 9457).
 *
 *     {"type":"/docs/errors#NOT_READY","title":"The job is not completed yet","status":409,
 *      "detail":"…","instance":"/v1/download/…","code":"NOT_READY","requestId":"…"}
 *
 * `code` is what programs look at; codes are added, never renamed. An error that one member of the
 * request caused also has `pointer` (RFC 6901). `type` is a URI reference into the server's own API
 * reference. */
#ifndef LONGHAUL_CORE_PROBLEM_H
#define LONGHAUL_CORE_PROBLEM_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

#define PROBLEM_CONTENT_TYPE "application/problem+json"

enum problem_code {
    PROBLEM_BAD_REQUEST,
    PROBLEM_VALIDATION_FAILED,
    PROBLEM_MALFORMED_JSON,
    PROBLEM_IDEMPOTENCY_KEY_INVALID,
    PROBLEM_UNAUTHENTICATED,
    PROBLEM_FORBIDDEN,
    PROBLEM_LINK_INVALID,
    PROBLEM_LINK_EXPIRED,
    PROBLEM_NOT_FOUND,
    PROBLEM_JOB_NOT_FOUND,
    PROBLEM_METHOD_NOT_ALLOWED,
    PROBLEM_NOT_READY,
    PROBLEM_NOT_AVAILABLE,
    PROBLEM_ALREADY_TERMINAL,
    PROBLEM_RETRY_LIMIT,
    PROBLEM_NOT_RETRYABLE,
    PROBLEM_JOB_ACTIVE,
    PROBLEM_IDEMPOTENCY_IN_FLIGHT,
    PROBLEM_ARTIFACT_EXPIRED,
    PROBLEM_PRECONDITION_FAILED,
    PROBLEM_BODY_TOO_LARGE,
    PROBLEM_URI_TOO_LONG,
    PROBLEM_UNSUPPORTED_MEDIA_TYPE,
    PROBLEM_RANGE_NOT_SATISFIABLE,
    PROBLEM_EXPECTATION_FAILED,
    PROBLEM_IDEMPOTENCY_CONFLICT,
    PROBLEM_QUOTA_EXCEEDED,
    PROBLEM_RATE_LIMITED,
    PROBLEM_HEADERS_TOO_LARGE,
    PROBLEM_INTERNAL,
    PROBLEM_QUEUE_FULL,
    PROBLEM_UNAVAILABLE,
    PROBLEM_CODE_COUNT
};

struct problem_def {
    struct span code;
    uint16_t http_status;
    uint16_t retry_after_s; /* proposed Retry-After header; 0: none */
    struct span title;
    struct span detail; /* used where the caller has nothing better to say */
};

/* What is said of one request. Spans are borrowed. */
struct problem {
    enum problem_code code;
    struct span detail;   /* empty: the list's own */
    struct span instance; /* path of the request, without its query */
    struct span request_id;
    bool has_pointer;
    struct span pointer; /* empty points at the whole document */
};

const struct problem_def *problem_def(enum problem_code code); /* constant, never NULL */
const char *problem_reason(uint16_t http_status);              /* "Conflict"; "Error" if unknown */
/* Appends the body. All text is escaped; the error sticks in `out`. */
void problem_render(const struct problem *p, struct buf *out);

#endif
