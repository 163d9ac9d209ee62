/* Rate limits: how often one address, one user may ask this process, over all its loops.
 *
 * With auth=none a user is whom the body of an initiate names. What was found is noted in the
 * exchange, and each reply to it says so (core/rate_header.h).
 *
 * Threads: any; a mutex a scope, held for one look. */
#ifndef LONGHAUL_GATEWAY_RATE_LIMITS_H
#define LONGHAUL_GATEWAY_RATE_LIMITS_H

#include "core/rate_table.h"
#include "gateway/access_options.h"

struct exchange;
struct rate_limits;

/* Of one exchange. */
struct rate_notes {
    bool known[RATE_SCOPES];
    struct rate_state states[RATE_SCOPES];
};

/* `rates` is borrowed. */
MUST_CHECK enum err rate_limits_new(const struct rate rates[RATE_SCOPES], struct rate_limits **out);
void rate_limits_destroy(struct rate_limits **limits); /* NULL inside is fine */

/* False: answered already, 429. `tokens` 0 only looks. */
bool rate_admit(struct exchange *x, enum rate_scope scope, struct span name, uint32_t tokens);
bool rate_admit_address(struct exchange *x, uint32_t tokens);
/* For a read of many jobs, which was let in as one request: 200 of them cost what 21 requests do.
 * It is not refused for that; those that follow wait until the debt is paid, so that one who keeps
 * to Retry-After gets on at any rate, however small its burst. */
enum { RATE_JOBS_A_TOKEN = 10 };
void rate_charge_jobs(struct exchange *x, size_t jobs);
void rate_headers_add(struct exchange *x); /* for reply.c */

#endif
