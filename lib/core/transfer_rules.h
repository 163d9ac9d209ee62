/* Transfer rules: what a worker concludes from what it saw. Pure.
 *
 * HTTP answers (anything but 200, or 206 to a range we asked for):
 *
 *     404 410            SOURCE_NOT_FOUND     final
 *     401 403 407 451    SOURCE_FORBIDDEN     final
 *     408 425 429 5xx    SOURCE_UNREACHABLE   again, not before Retry-After
 *     the rest           SOURCE_INVALID       final
 *
 * A short body, a broken connection, a name that does not resolve: SOURCE_UNREACHABLE, again.
 * A redirect to a refused address, to another protocol, or the fourth: SOURCE_FORBIDDEN, final.
 *
 * Bytes that are not what was expected: CHECKSUM_MISMATCH. Expected by the job (options.sha256):
 * final, the caller named bytes that this source does not have. Expected by the catalogue (sha256,
 * size): again, because catalogue and file may just be in the middle of being replaced. */
#ifndef LONGHAUL_CORE_TRANSFER_RULES_H
#define LONGHAUL_CORE_TRANSFER_RULES_H

#include "base/err.h"
#include "base/span.h"
#include "core/job.h"
#include "core/job_error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TRANSFER_RESUMES_MAX = 5,   /* ranges asked for in one attempt */
    TRANSFER_REDIRECTS_MAX = 3, /* contract §4 */
    TRANSFER_RETRY_AFTER_MAX_S = 3600,
    CLASS_NAME_SIZE = 33, /* bytes with the NUL */
    CLASS_TIMEOUTS_MAX = 32,
    CLASS_TIMEOUT_S_MIN = 10, /* design §5: 10-300 s by class */
    CLASS_TIMEOUT_S_MAX = 300,
};

/* What the bytes must be. */
struct transfer_expect {
    bool has_job_sha256, has_catalogue_sha256;
    unsigned char job_sha256[SHA256_SIZE], catalogue_sha256[SHA256_SIZE];
    int64_t size_bytes; /* of the catalogue; -1 unknown */
};

/* JOB_ERROR_NONE: they are. */
struct job_fault transfer_verify(const struct transfer_expect *expect, uint64_t size_bytes,
                                 const unsigned char sha256[SHA256_SIZE]);
/* The same for a size that a source announces, before a byte is fetched; `announced` -1 unknown. */
struct job_fault transfer_verify_size(const struct transfer_expect *expect, int64_t announced,
                                      uint64_t bytes_max);

/* `status` is not 200. */
struct job_fault transfer_http_fault(long status, int64_t retry_after_s);

/* What is known about a source that broke off. */
struct transfer_break {
    bool strong_etag, accepts_ranges;
    uint64_t received;
    unsigned resumes; /* tried so far in this attempt */
};
bool transfer_may_resume(const struct transfer_break *b);
/* How long to wait before the next range is asked for: 0, 200, 400, 800 … ms. */
int64_t transfer_resume_delay_ms(unsigned resumes);

/* Limits of one attempt's time by class of file. */
struct class_timeouts {
    struct {
        char name[CLASS_NAME_SIZE];
        uint32_t timeout_ms;
    } items[CLASS_TIMEOUTS_MAX];
    size_t count;
};

/* "video=300,small=30": seconds. ERR_INVALID, ERR_FULL, ERR_EXISTS for a name twice. */
MUST_CHECK enum err class_timeouts_parse(struct span text, struct class_timeouts *out);
/* The shorter of `timeout_ms` and the class' own, if it has one. */
uint32_t class_timeouts_cap(const struct class_timeouts *t, struct span class_name,
                            uint32_t timeout_ms);

#endif
