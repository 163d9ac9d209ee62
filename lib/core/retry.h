/* Retry: how long a failed attempt waits for the next one. Pure: chance is a parameter.
 *
 * Exponential backoff by the class of the error, with equal jitter: the n-th delay is chosen evenly
 * from [d/2, d], d = min(cap, base * 2^n). Half is kept because a source that just failed should
 * not be asked again at once; half is drawn so that a thousand jobs that failed together do not
 * come back together. What a source asked for with Retry-After (RFC 9110 §10.2.3) is a floor, up to
 * RETRY_AFTER_MAX_MS, and gets up to a tenth on top for the same reason. */
#ifndef LONGHAUL_CORE_RETRY_H
#define LONGHAUL_CORE_RETRY_H

#include "base/span.h"

#include <stdint.h>

enum { RETRY_AFTER_MAX_MS = 300000 }; /* no stranger parks a job for longer */

/* `code`: the error's (one of the closed list that the API documents; unknown ones have the default
 * class). `failures`: how often this job failed before this time. `retry_after_ms`: what the source
 * asked for, 0 nothing. `random`: 64 even bits. */
int64_t retry_delay_ms(struct span code, uint32_t failures, uint32_t retry_after_ms,
                       uint64_t random);

#endif
