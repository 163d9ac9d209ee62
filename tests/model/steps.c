#include "tests/model/steps.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *step_id(unsigned n)
{
    static char ids[16][JOB_ID_SIZE];
    static size_t turn;
    char *id = ids[turn++ % 16];
    (void)snprintf(id, JOB_ID_SIZE, "00%09u0000000000000000", n);
    return id;
}

static void submit_head_seats(struct world *w, const char *worker, unsigned seats)
{
    world_begin(w, "lh_submit");
    world_text(w, "b1");
    world_number(w, 100000);
    world_number(w, STEPS_ACTIVE_MAX);
    world_number(w, 0);
    world_number(w, 86400000);
    world_number(w, seats);
    for (unsigned i = 0; i < seats; i++) {
        world_text(w, worker);
    }
}

static void submit_head(struct world *w, const char *worker)
{
    submit_head_seats(w, worker, worker != NULL ? 1 : 0);
}

static void submit_item_within(struct world *w, unsigned n, const char *user, int priority,
                               int64_t timeout_ms)
{
    world_text(w, step_id(n));
    world_text(w, user);
    world_number(w, n);
    world_number(w, priority);
    world_number(w, 0);
    world_number(w, timeout_ms);
    world_number(w, JOB_MAX_ATTEMPTS_DEFAULT);
    world_text(w, "spec");
    world_text(w, "");
    world_text(w, "");
}

static void submit_item(struct world *w, unsigned n, const char *user, int priority)
{
    submit_item_within(w, n, user, priority, STEPS_TIMEOUT_MS);
}

const char *step_submit(struct world *w, unsigned n, const char *user, const char *worker)
{
    submit_head(w, worker);
    submit_item(w, n, user, JOB_PRIORITY_DEFAULT);
    return world_run(w);
}

const char *step_submit_priority(struct world *w, unsigned n, const char *user, int priority)
{
    submit_head(w, NULL);
    submit_item(w, n, user, priority);
    return world_run(w);
}

const char *step_submit_many(struct world *w, unsigned first, unsigned count, const char *user)
{
    submit_head(w, NULL);
    for (unsigned i = 0; i < count; i++) {
        submit_item(w, first + i, user, JOB_PRIORITY_DEFAULT);
    }
    return world_run(w);
}

const char *step_submit_users(struct world *w, const char *const *users, unsigned count,
                              unsigned seats)
{
    submit_head_seats(w, "w1", seats);
    for (unsigned i = 0; i < count; i++) {
        submit_item_within(w, 1 + i, users[i], JOB_PRIORITY_DEFAULT, JOB_TIMEOUT_MS_MAX);
    }
    return world_run(w);
}

unsigned step_claim(struct world *w, int64_t running_max)
{
    world_begin(w, "lh_claim");
    world_text(w, "b1");
    world_number(w, running_max);
    world_text(w, "w1");
    const char *reply = world_run(w);
    unsigned n = 0;
    (void)sscanf(reply, "b:00%9u", &n);
    return n;
}

const char *step_renew(struct world *w, unsigned n, int64_t fence, const char *broker)
{
    world_begin(w, "lh_renew");
    world_text(w, broker);
    world_text(w, step_id(n));
    world_number(w, fence);
    return world_run(w);
}

static void finish_head(struct world *w, unsigned n, int64_t fence, const char *end,
                        const char *broker)
{
    world_begin(w, "lh_finish");
    world_text(w, broker);
    world_number(w, STEPS_ARTIFACT_TTL_MS);
    world_number(w, STEPS_RECORD_TTL_MS);
    world_text(w, step_id(n));
    world_number(w, fence);
    world_text(w, end);
}

const char *step_complete(struct world *w, unsigned n, int64_t fence)
{
    char key[MODEL_NAME_SIZE];
    (void)snprintf(key, sizeof(key), "%s.%d", step_id(n), (int)fence);
    finish_head(w, n, fence, "0", "b1");
    world_text(w, key);
    world_number(w, 0);
    world_text(w, "e3b0");
    world_text(w, "");
    world_text(w, "");
    return world_run(w);
}

const char *step_fail(struct world *w, unsigned n, int64_t fence, bool retryable, int64_t delay_ms)
{
    finish_head(w, n, fence, "1", "b1");
    world_text(w, "SOURCE_UNREACHABLE");
    world_text(w, "no-route");
    world_text(w, retryable ? "1" : "0");
    world_number(w, delay_ms);
    world_text(w, "");
    return world_run(w);
}

const char *step_end(struct world *w, unsigned n, int64_t fence, const char *end,
                     const char *broker)
{
    finish_head(w, n, fence, end, broker);
    for (int i = 0; i < 5; i++) {
        world_text(w, "");
    }
    return world_run(w);
}

const char *step_cancel(struct world *w, unsigned n)
{
    world_begin(w, "lh_cancel");
    world_number(w, STEPS_RECORD_TTL_MS);
    world_text(w, step_id(n));
    return world_run(w);
}

const char *step_retry(struct world *w, unsigned n)
{
    world_begin(w, "lh_retry");
    world_number(w, STEPS_ACTIVE_MAX);
    world_text(w, step_id(n));
    world_text(w, "");
    world_number(w, 100000);
    return world_run(w);
}

const char *step_tick(struct world *w)
{
    world_begin(w, "lh_tick");
    world_number(w, STEPS_RECORD_TTL_MS);
    return world_run(w);
}

void step_wait(struct world *w, int64_t ms)
{
    for (; ms > 0; ms -= 1000) {
        w->now_ms += ms < 1000 ? ms : 1000;
        step_tick(w);
    }
}

const struct model_job *step_job(const struct world *w, unsigned n)
{
    const struct model_job *j = model_find(w->model, step_id(n));
    cr_assert_not_null(j, "job %u", n);
    return j;
}
