/* Rate header: what the fields RateLimit-Policy and RateLimit say of one limit
 * (draft-ietf-httpapi-ratelimit-headers-10, structured fields):
 *
 *     RateLimit-Policy: "address";q=50;w=3     at most q requests at once; w seconds fill them
 * again RateLimit: "address";r=12;t=2            r are left; t seconds until all are there
 *
 * Several limits are members of one list. */
#ifndef LONGHAUL_CORE_RATE_HEADER_H
#define LONGHAUL_CORE_RATE_HEADER_H

#include "base/buf.h"
#include "core/rate_table.h"

/* Appends one member, behind ", " if there is one already. The error sticks in `out`. */
void rate_header_policy(const char *name, const struct rate *rate, struct buf *out);
void rate_header_state(const char *name, const struct rate_state *state, struct buf *out);
int64_t rate_retry_after_s(const struct rate_state *state); /* at least 1 */

#endif
