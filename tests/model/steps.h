/* Steps: the calls of a world in one line each, for directed tests. All go to both sides. Jobs are
 * named by a number; the id of job n sorts by n. */
#ifndef LONGHAUL_TESTS_MODEL_STEPS_H
#define LONGHAUL_TESTS_MODEL_STEPS_H

#include "tests/model/world.h"

enum {
    STEPS_TIMEOUT_MS = 60000,
    STEPS_ARTIFACT_TTL_MS = 100000,
    STEPS_RECORD_TTL_MS = 200000,
    STEPS_ACTIVE_MAX = 2000,
};

const char *step_id(unsigned n); /* one of 16 buffers, in turn */

/* `worker` NULL: no credit is offered. */
const char *step_submit(struct world *w, unsigned n, const char *user, const char *worker);
const char *step_submit_priority(struct world *w, unsigned n, const char *user, int priority);
const char *step_submit_many(struct world *w, unsigned first, unsigned count, const char *user);
/* One call with a job for each user, all as by default; the first `seats` of them start. */
const char *step_submit_users(struct world *w, const char *const *users, unsigned count,
                              unsigned seats);

/* Claims one job with a running cap (0: none): its number, or 0 if none could be claimed. */
unsigned step_claim(struct world *w, int64_t running_max);
const char *step_renew(struct world *w, unsigned n, int64_t fence, const char *broker);
const char *step_complete(struct world *w, unsigned n, int64_t fence);
const char *step_fail(struct world *w, unsigned n, int64_t fence, bool retryable, int64_t delay_ms);
/* `end`: "2" released, "3" canceled, "4" lost */
const char *step_end(struct world *w, unsigned n, int64_t fence, const char *end,
                     const char *broker);
const char *step_cancel(struct world *w, unsigned n);
const char *step_retry(struct world *w, unsigned n);
const char *step_tick(struct world *w);
void step_wait(struct world *w, int64_t ms); /* ticks each second, as brokers do */

const struct model_job *step_job(const struct world *w, unsigned n);

#endif
