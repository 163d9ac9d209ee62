/* Order in the queue: places sorted by (score, id), and the virtual clocks of fair queueing. */
#include "tests/model/model.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static int by_score_and_id(const void *a, const void *b)
{
    const struct model_job *x = *(struct model_job *const *)a, *y = *(struct model_job *const *)b;
    if (x->at_score != y->at_score) {
        return x->at_score < y->at_score ? -1 : 1;
    }
    return strcmp(x->id, y->id);
}

size_t model_sorted(struct model *m, enum model_place at, struct model_job **out, size_t cap)
{
    size_t n = 0;
    for (size_t i = 0; i < MODEL_JOBS_MAX; i++) {
        if (m->jobs[i].used && m->jobs[i].at == at) {
            assert(n < cap);
            out[n++] = &m->jobs[i];
        }
    }
    qsort(out, n, sizeof(struct model_job *), by_score_and_id);
    return n;
}

static struct model_tag *tag_of(struct model *m, int64_t priority, const char *user, bool make)
{
    struct model_tag *free_one = NULL;
    for (size_t i = 0; i < MODEL_USERS_MAX; i++) {
        struct model_tag *t = &m->tags[priority][i];
        if (t->used && strcmp(t->user, user) == 0) {
            return t;
        }
        free_one = free_one == NULL && !t->used ? t : free_one;
    }
    if (!make) {
        return NULL;
    }
    assert(free_one != NULL);
    free_one->used = true;
    model_copy(free_one->user, sizeof(free_one->user), user);
    return free_one;
}

static int64_t band_of(int64_t priority)
{
    return (9 - priority) * MODEL_BAND;
}

int64_t model_fresh_score(struct model *m, int64_t priority, const char *user)
{
    const struct model_tag *known = tag_of(m, priority, user, false);
    int64_t tag = m->virtual_time[priority];
    if (known != NULL && known->tag > tag) {
        tag = known->tag;
    }
    tag = tag > MODEL_TAG_MAX ? MODEL_TAG_MAX : tag;
    tag_of(m, priority, user, true)->tag = tag + MODEL_JOB_COST_MS;
    return band_of(priority) + tag;
}

int64_t model_old_score(const struct model *m, const struct model_job *j)
{
    const int64_t front = band_of(j->priority) + m->virtual_time[j->priority];
    return j->score >= 0 && j->score < front ? j->score : front;
}

void model_advance_clock(struct model *m, int64_t score)
{
    const int64_t band = score / MODEL_BAND, tag = score % MODEL_BAND;
    int64_t *v = &m->virtual_time[9 - band];
    *v = tag > *v ? tag : *v;
}

void model_settle(struct model_step *s, const struct model_job *j)
{
    struct model_tag *t = tag_of(s->m, j->priority, j->user, false);
    if (s->waiting == 0 || t == NULL || j->user[0] == '\0') {
        return;
    }
    const int64_t since = s->now_ms - j->deadline_ms + j->timeout_ms;
    const int64_t took = since < j->timeout_ms ? since : j->timeout_ms;
    if (took > MODEL_JOB_COST_MS) {
        const int64_t tag = t->tag + took - MODEL_JOB_COST_MS;
        t->tag = tag < MODEL_TAG_MAX ? tag : MODEL_TAG_MAX;
    }
}

void model_unpark(struct model_step *s, const char *user)
{
    struct model_job *best = NULL;
    for (size_t i = 0; i < MODEL_JOBS_MAX && s->parked > 0; i++) {
        struct model_job *j = &s->m->jobs[i];
        if (j->used && j->at == AT_PARKED && strcmp(j->user, user) == 0 &&
            (best == NULL || by_score_and_id(&j, &best) < 0)) {
            best = j;
        }
    }
    if (best != NULL) {
        best->at = AT_READY;
    }
}

void model_tidy_clocks(struct model *m)
{
    const bool idle = model_count_at(m, AT_READY) + model_count_at(m, AT_PARKED) == 0;
    for (size_t p = 0; p < MODEL_PRIORITIES; p++) {
        for (size_t i = 0; i < MODEL_USERS_MAX; i++) {
            struct model_tag *t = &m->tags[p][i];
            t->used = t->used && !idle && t->tag > m->virtual_time[p];
        }
        m->virtual_time[p] = idle ? 0 : m->virtual_time[p];
    }
}
