/* Commands of users, and reading. */
#include "tests/model/model.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { DONE, UNDERWAY, ALREADY, TERMINAL, ACTIVE, IS_COMPLETED, LIMIT, GONE, NO_QUOTA, NO_ROOM };

static void answer(struct model_step *s, int code, const struct model_job *j)
{
    model_say_int(s, code);
    model_say_int(s, j != NULL ? (int64_t)j->status : 0);
    model_say_int(s, j != NULL ? j->version : 0);
}

static void cancel_queued(struct model_step *s, struct model_job *j)
{
    const bool was_ready = j->at == AT_READY;
    model_apply(s, j, EVENT_CANCEL);
    model_log(s, j, false, NULL, NULL);
    j->next_attempt_s = -1;
    model_place(j, AT_EXPIRY, s->now_ms + model_arg(s, 1));
    if (was_ready && j->user[0] != '\0') {
        model_unpark(s, j->user);
    }
}

void model_cancel(struct model_step *s)
{
    struct model_job *j = model_find(s->m, s->argv[2]);
    if (j == NULL) {
        answer(s, GONE, NULL);
    } else if (j->status == JOB_QUEUED) {
        cancel_queued(s, j);
        answer(s, DONE, j);
    } else if (model_apply(s, j, EVENT_MARK)) {
        answer(s, UNDERWAY, j);
    } else {
        answer(s, j->status == JOB_CANCELED ? ALREADY : TERMINAL, j);
    }
}

/* Was this very command carried out before? */
static bool done_before(const char *command, const char *recorded)
{
    return command[0] != '\0' && strcmp(command, recorded) == 0;
}

static int retry_refused(const struct model_step *s, const struct model_job *j)
{
    if (j->status == JOB_COMPLETED) {
        return IS_COMPLETED;
    }
    if (!job_machine_rule(j->status, EVENT_RETRY)->allowed) {
        return ACTIVE;
    }
    if (j->retries >= JOB_MANUAL_RETRIES_MAX) {
        return LIMIT;
    }
    const int64_t waiting = s->waiting + s->parked + model_count_at(s->m, AT_DELAYED);
    if (s->argc > 4 && model_arg(s, 4) <= waiting) { /* an older broker sends no bound */
        return NO_ROOM;
    }
    const int64_t limit = model_arg(s, 1);
    const bool full =
        j->user[0] != '\0' && limit > 0 && model_count_user(s->m, j->user, false) >= limit;
    return full ? NO_QUOTA : DONE;
}

void model_retry(struct model_step *s)
{
    struct model_job *j = model_find(s->m, s->argv[2]);
    if (j != NULL && done_before(s->argv[3], j->retry_by)) {
        answer(s, DONE, j);
        return;
    }
    const int refused = j == NULL ? GONE : retry_refused(s, j);
    if (refused == DONE) {
        if (s->argv[3][0] != '\0') {
            model_copy(j->retry_by, sizeof(j->retry_by), s->argv[3]);
        }
        model_apply(s, j, EVENT_RETRY);
        model_log(s, j, false, NULL, NULL);
        model_place(j, AT_READY, model_fresh_score(s->m, j->priority, j->user));
    }
    answer(s, refused, j);
}

/* The slot of a removed job's command; a new one if there is none. */
static struct model_removed *removed_slot(struct model *m, const char *id)
{
    size_t i = 0;
    while (i < m->removed_count && strcmp(m->removed[i].id, id) != 0) {
        i++;
    }
    assert(i < MODEL_KEYS_MAX);
    return &m->removed[i];
}

static void removed_add(struct model *m, const char *id, const char *command)
{
    struct model_removed *r = removed_slot(m, id);
    m->removed_count += r == &m->removed[m->removed_count] ? 1 : 0;
    model_copy(r->id, sizeof(r->id), id);
    model_copy(r->command, sizeof(r->command), command);
}

void model_remove(struct model_step *s)
{
    struct model_job *j = model_find(s->m, s->argv[1]);
    if (j == NULL) {
        const struct model_removed *r = removed_slot(s->m, s->argv[1]);
        const bool known = r != &s->m->removed[s->m->removed_count];
        answer(s, known && done_before(s->argv[2], r->command) ? DONE : GONE, NULL);
        return;
    }
    const bool allowed = job_machine_rule(j->status, EVENT_REMOVE)->allowed;
    answer(s, allowed ? DONE : ACTIVE, j);
    if (allowed) {
        if (s->argv[2][0] != '\0') {
            removed_add(s->m, j->id, s->argv[2]);
        }
        j->used = false;
        if (j->artifact_key[0] != '\0') {
            model_garbage_add(s->m, j->artifact_key, s->now_ms);
        }
    }
}

static int64_t oldest_waiting(struct model_step *s)
{
    struct model_job *ready[MODEL_JOBS_MAX];
    const size_t count = model_sorted(s->m, AT_READY, ready, MODEL_JOBS_MAX);
    int64_t oldest = -1, band = -1;
    for (size_t i = 0; i < count; i++) {
        if (ready[i]->at_score / MODEL_BAND != band) {
            const int64_t age = s->now_ms - ready[i]->updated_s * 1000;
            band = ready[i]->at_score / MODEL_BAND;
            oldest = age > oldest ? age : oldest;
            oldest = oldest < 0 ? 0 : oldest;
        }
    }
    return oldest;
}

void model_stats(struct model_step *s)
{
    static const enum model_place places[] = {AT_READY, AT_DELAYED, AT_LEASE, AT_PARKED, AT_EXPIRY};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        model_say_int(s, model_count_at(s->m, places[i]));
    }
    model_say_int(s, (int64_t)s->m->garbage_count);
    model_say_int(s, oldest_waiting(s));
}

static int newest_first(const void *a, const void *b)
{
    const struct model_job *x = *(struct model_job *const *)a, *y = *(struct model_job *const *)b;
    return strcmp(y->id, x->id);
}

/* `names` is empty for all, else names joined by ','. */
static bool status_wanted(const char *names, enum job_status status)
{
    struct span name, rest = span_of(names);
    while (rest.len > 0) {
        span_cut(rest, ',', &name, &rest);
        if (span_eq(name, span_of(job_status_name(status)))) {
            return true;
        }
    }
    return names[0] == '\0';
}

/* a: now user status limit cursor. A model holds fewer records than one bounded scan. */
void model_list(struct model_step *s)
{
    struct model_job *all[MODEL_JOBS_MAX];
    const char *next = "";
    const int64_t limit = model_arg(s, 3);
    size_t count = 0, said = 0;
    struct buf ids;
    buf_init(&ids, 1 << 16);
    for (size_t i = 0; i < MODEL_JOBS_MAX; i++) {
        struct model_job *j = &s->m->jobs[i];
        const bool mine = s->argv[1][0] == '\0' || strcmp(j->user, s->argv[1]) == 0;
        if (j->used && mine && (s->argv[4][0] == '\0' || strcmp(j->id, s->argv[4]) < 0)) {
            all[count++] = j;
        }
    }
    qsort(all, count, sizeof(all[0]), newest_first);
    for (size_t i = 0; i < count && next[0] == '\0'; i++) {
        if (status_wanted(s->argv[2], all[i]->status)) {
            (void)buf_printf(&ids, "b:%s ", all[i]->id);
            next = (int64_t)++said == limit ? all[i]->id : "";
        }
    }
    model_say_text(s, next);
    (void)buf_append(s->reply, ids.data, ids.len);
    buf_clear(&ids);
}
