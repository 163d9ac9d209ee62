#include "broker/attempts.h"

#include "base/map.h"
#include "broker/pool.h"

#include <stdlib.h>

struct attempts {
    struct map *by_job;
    struct pool pool;
};

enum err attempts_new(struct attempts **out)
{
    struct attempts *a = calloc(1, sizeof *a);
    if (a == NULL) {
        return ERR_NOMEM;
    }
    const enum err e = map_new(ATTEMPTS_MAX, &a->by_job);
    if (e != ERR_OK) {
        free(a);
        return e;
    }
    pool_init(&a->pool, sizeof(struct running), ATTEMPTS_MAX);
    *out = a;
    return ERR_OK;
}

void attempts_destroy(struct attempts **a)
{
    if (*a != NULL) {
        map_destroy(&(*a)->by_job);
        pool_clear(&(*a)->pool);
        free(*a);
        *a = NULL;
    }
}

size_t attempts_room(const struct attempts *a)
{
    return ATTEMPTS_MAX - map_count(a->by_job);
}

struct running *attempts_get(const struct attempts *a, struct span job_id)
{
    return map_get(a->by_job, job_id);
}

struct running *attempts_match(const struct attempts *a, const struct attempt *attempt)
{
    struct running *r = attempts_get(a, span_of(attempt->job_id));
    return r != NULL && r->attempt.fence == attempt->fence ? r : NULL;
}

/* Workers link attempts in workers.c's lists; here only the memory and the index. */
struct running *attempts_add(struct attempts *a, const struct attempt *attempt,
                             struct worker *worker, int64_t now_ms)
{
    struct running *r = pool_take(&a->pool);
    if (r == NULL) {
        return NULL;
    }
    *r = (struct running){.attempt = *attempt, .worker = worker, .named_ms = now_ms};
    list_init(&r->by_worker);
    list_init(&r->renewal);
    list_init(&r->report);
    if (map_put(a->by_job, span_of(r->attempt.job_id), r) != ERR_OK) {
        pool_give(&a->pool, r);
        return NULL;
    }
    return r;
}

void attempts_drop(struct attempts *a, struct running *r)
{
    list_remove(&r->by_worker);
    list_remove(&r->renewal);
    list_remove(&r->report);
    (void)map_remove(a->by_job, span_of(r->attempt.job_id));
    pool_give(&a->pool, r);
}

struct running *attempts_next(const struct attempts *a, size_t *cursor)
{
    return map_next(a->by_job, cursor, NULL);
}
