/* Housekeeping: promote, reap with the grace rule, retention. */
#include "tests/model/model.h"

#include "core/job_error.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    REAP_EVERY_MS = 1000,
    GRACE_MS = 5000,
    LEASE_MS = 20000,
    STEP_MAX = 200,
    BACKOFF_MAX_MS = 60000,
    GARBAGE_AGAIN_MS = 60000,
};

static bool promote(struct model_step *s)
{
    struct model_job *delayed[MODEL_JOBS_MAX];
    const size_t count = model_sorted(s->m, AT_DELAYED, delayed, MODEL_JOBS_MAX);
    size_t i = 0;
    for (; i < count && i < STEP_MAX && delayed[i]->at_score <= s->now_ms; i++) {
        struct model_job *j = delayed[i];
        model_place(j, AT_READY, model_fresh_score(s->m, j->priority, j->user));
    }
    return i == STEP_MAX;
}

static void reap_one(struct model_step *s, struct model_job *j)
{
    const struct job_facts facts = {
        .cancel_wanted = j->cancel,
        .lease_seen = j->lease_seen,
        .deadline_passed = s->now_ms >= j->deadline_ms,
        .attempts = (uint32_t)j->attempts,
        .max_attempts = (uint32_t)j->max_attempts,
        .crashes = (uint32_t)j->crashes,
    };
    struct model_end end = {.event = job_machine_reap(&facts),
                            .code = "TIMEOUT",
                            .message = job_error_message(JOB_ERROR_TIMEOUT),
                            .retryable = "1",
                            .record_ttl_ms = model_arg(s, 1)};
    end.delay_ms = INT64_C(1000) << j->attempts;
    end.delay_ms = end.delay_ms > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : end.delay_ms;
    model_doubt(s, j->id, j->fence);
    model_end_attempt(s, j, &end);
    model_say_text(s, j->id);
    model_say_int(s, (int64_t)j->status);
    model_say_int(s, j->version);
}

/* Models hold fewer leases than one step of the grace rule extends: it is done at once. */
static void grace(struct model_step *s, struct model_job *const *leases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (leases[i]->at_score < s->now_ms + LEASE_MS) {
            leases[i]->at_score = s->now_ms + LEASE_MS;
        }
    }
    s->m->reap_at_ms = s->now_ms;
}

static bool reap(struct model_step *s)
{
    struct model_job *leases[MODEL_JOBS_MAX];
    const size_t count = model_sorted(s->m, AT_LEASE, leases, MODEL_JOBS_MAX);
    const int64_t since =
        s->m->reap_at_ms >= 0 ? s->now_ms - s->m->reap_at_ms : (int64_t)REAP_EVERY_MS;
    size_t over = 0;
    if (since >= 0 && since < REAP_EVERY_MS) {
        return false;
    }
    if (since > GRACE_MS) {
        grace(s, leases, count);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        over += leases[i]->at_score <= s->now_ms && over < STEP_MAX ? 1 : 0;
        if (leases[i]->at_score > s->now_ms + LEASE_MS) {
            leases[i]->at_score = s->now_ms + LEASE_MS;
        }
    }
    s->m->reap_at_ms = over == STEP_MAX ? s->now_ms - REAP_EVERY_MS : s->now_ms;
    for (size_t i = 0; i < over; i++) {
        reap_one(s, leases[i]);
    }
    return over == STEP_MAX;
}

void model_tick(struct model_step *s)
{
    struct buf *reply = s->reply, changes;
    struct model_job *delayed[MODEL_JOBS_MAX];
    const int64_t reaped_before = s->m->reap_at_ms;
    buf_init(&changes, 1 << 16);
    s->reply = &changes;
    bool more = promote(s);
    more = reap(s) || more;
    if (s->m->reap_at_ms != reaped_before) {
        model_tidy_clocks(s->m);
    }
    s->reply = reply;
    const size_t count = model_sorted(s->m, AT_DELAYED, delayed, MODEL_JOBS_MAX);
    const int64_t due = count > 0 ? delayed[0]->at_score - s->now_ms : 0;
    model_say_int(s, model_count_at(s->m, AT_READY));
    model_say_int(s, count == 0 ? -1 : due > 0 ? due : 0);
    model_say_int(s, more ? 1 : 0);
    (void)buf_append(reply, changes.data, changes.len);
    buf_clear(&changes);
}

static void expire_one(struct model_step *s, struct model_job *j)
{
    const int64_t until_ms = j->updated_s * 1000 + model_arg(s, 1);
    if (j->artifact_key[0] != '\0') {
        model_garbage_add(s->m, j->artifact_key, s->now_ms);
    }
    if (j->artifact_key[0] == '\0' || until_ms <= s->now_ms) {
        j->used = false;
        return;
    }
    j->artifact_key[0] = '\0';
    j->artifact_expired = true;
    model_place(j, AT_EXPIRY, until_ms);
}

static int by_due_and_key(const void *a, const void *b)
{
    const struct model_garbage *x = a, *y = b;
    if (x->due_ms != y->due_ms) {
        return x->due_ms < y->due_ms ? -1 : 1;
    }
    return strcmp(x->key, y->key);
}

void model_expire(struct model_step *s)
{
    struct model *m = s->m;
    struct model_job *over[MODEL_JOBS_MAX];
    const size_t count = model_sorted(m, AT_EXPIRY, over, MODEL_JOBS_MAX);
    size_t done = 0;
    int64_t named = 0;
    struct buf keys, *reply = s->reply;
    for (; done < count && done < STEP_MAX && over[done]->at_score <= s->now_ms; done++) {
        expire_one(s, over[done]);
    }
    buf_init(&keys, 1 << 16);
    s->reply = &keys;
    qsort(m->garbage, m->garbage_count, sizeof(m->garbage[0]), by_due_and_key);
    for (size_t i = 0; i < m->garbage_count && (int64_t)i < model_arg(s, 2); i++) {
        if (m->garbage[i].due_ms <= s->now_ms) {
            model_say_text(s, m->garbage[i].key);
            m->garbage[i].due_ms = s->now_ms + GARBAGE_AGAIN_MS;
            named++;
        }
    }
    s->reply = reply;
    model_say_int(s, done == STEP_MAX || named == model_arg(s, 2) ? 1 : 0);
    (void)buf_append(reply, keys.data, keys.len);
    buf_clear(&keys);
}

void model_discarded(struct model_step *s)
{
    struct model *m = s->m;
    int64_t known = 0;
    for (size_t i = 1; i < s->argc; i++) {
        for (size_t g = 0; g < m->garbage_count; g++) {
            if (strcmp(m->garbage[g].key, s->argv[i]) == 0) {
                m->garbage[g] = m->garbage[--m->garbage_count];
                known++;
                break;
            }
        }
    }
    model_say_int(s, known);
}
