#include "tests/model/model.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct model *model_new(void)
{
    struct model *m = calloc(1, sizeof(*m));
    assert(m != NULL);
    m->reap_at_ms = -1;
    return m;
}

void model_destroy(struct model **m)
{
    free(*m);
    *m = NULL;
}

void model_copy(char *out, size_t cap, const char *text)
{
    const int len = snprintf(out, cap, "%s", text);
    assert(len >= 0 && (size_t)len < cap);
}

int64_t model_arg(const struct model_step *s, size_t i)
{
    assert(i < s->argc);
    return (int64_t)strtoll(s->argv[i], NULL, 10);
}

void model_say_int(struct model_step *s, int64_t n)
{
    (void)buf_printf(s->reply, "i:%" PRId64 " ", n);
}

void model_say_text(struct model_step *s, const char *text)
{
    (void)buf_printf(s->reply, "b:%s ", text);
}

struct model_job *model_find(struct model *m, const char *id)
{
    for (size_t i = 0; i < MODEL_JOBS_MAX; i++) {
        if (m->jobs[i].used && strcmp(m->jobs[i].id, id) == 0) {
            return &m->jobs[i];
        }
    }
    return NULL;
}

struct model_job *model_add(struct model *m)
{
    for (size_t i = 0; i < MODEL_JOBS_MAX; i++) {
        struct model_job *j = &m->jobs[i];
        if (!j->used) {
            memset(j, 0, sizeof(*j));
            j->used = true;
            j->deadline_ms = j->score = j->percent = j->eta_s = -1;
            j->bytes_done = j->bytes_total = j->next_attempt_s = -1;
            return j;
        }
    }
    assert(false && "the model is full");
    return NULL;
}

size_t model_count(const struct model *m)
{
    size_t n = 0;
    for (size_t i = 0; i < MODEL_JOBS_MAX; i++) {
        n += m->jobs[i].used ? 1 : 0;
    }
    return n;
}

int64_t model_count_at(const struct model *m, enum model_place at)
{
    int64_t n = 0;
    for (size_t i = 0; i < MODEL_JOBS_MAX; i++) {
        n += m->jobs[i].used && m->jobs[i].at == at ? 1 : 0;
    }
    return n;
}

int64_t model_count_user(const struct model *m, const char *user, bool running_only)
{
    int64_t n = 0;
    for (size_t i = 0; i < MODEL_JOBS_MAX; i++) {
        const struct model_job *j = &m->jobs[i];
        const bool wanted = j->status == JOB_RUNNING || (!running_only && j->status == JOB_QUEUED);
        n += j->used && wanted && strcmp(j->user, user) == 0 ? 1 : 0;
    }
    return n;
}

void model_place(struct model_job *j, enum model_place at, int64_t score)
{
    j->at = at;
    j->at_score = score;
}

static void log_trim(struct model_job *j)
{
    size_t entries = 1;
    for (const char *p = j->log; *p != '\0'; p++) {
        entries += *p == ';' ? 1 : 0;
    }
    for (; entries > JOB_LOG_MAX; entries--) {
        const char *rest = strchr(j->log, ';') + 1;
        memmove(j->log, rest, strlen(rest) + 1);
    }
}

void model_log(struct model_step *s, struct model_job *j, bool with_attempt, const char *worker,
               const char *code)
{
    struct buf b;
    buf_init(&b, MODEL_LOG_SIZE);
    (void)buf_printf(&b, "%s%s%" PRId64 ":%" PRId64 ":%c", j->log, j->log[0] != '\0' ? ";" : "",
                     j->version, s->now_ms / 1000, job_status_letter(j->status));
    if (with_attempt) {
        (void)buf_printf(&b, ":%" PRId64, j->fence);
    }
    if (worker != NULL) {
        (void)buf_printf(&b, ":%s", worker);
    }
    if (code != NULL) {
        (void)buf_printf(&b, "::%s", code);
    }
    assert(buf_error(&b) == ERR_OK && b.len < MODEL_LOG_SIZE);
    memcpy(j->log, b.data, b.len);
    j->log[b.len] = '\0';
    buf_clear(&b);
    log_trim(j);
}

static void clear_attempt(struct model_job *j)
{
    j->worker[0] = j->broker[0] = j->stage[0] = '\0';
    j->deadline_ms = j->score = j->percent = j->eta_s = j->bytes_done = j->bytes_total = -1;
    j->lease_seen = false;
}

static void clear_job(struct model_job *j)
{
    j->cancel = false;
    j->error_code[0] = j->error_message[0] = j->error_retryable[0] = '\0';
    j->attempts = j->crashes = 0;
    j->retries++;
}

bool model_apply(struct model_step *s, struct model_job *j, enum job_event event)
{
    const struct job_rule *rule = job_machine_rule(j->status, event);
    if (!rule->allowed) {
        return false;
    }
    const unsigned effects = rule->effects;
    j->status = rule->next;
    if ((effects & EFFECT_VERSION) != 0) {
        j->version++;
        j->updated_s = s->now_ms / 1000;
    }
    j->fence += (effects & EFFECT_FENCE) != 0 ? 1 : 0;
    j->attempts += (effects & EFFECT_CHARGE) != 0 ? 1 : 0;
    j->failures += (effects & EFFECT_CHARGE) != 0 ? 1 : 0;
    j->crashes += (effects & EFFECT_CRASH) != 0 ? 1 : 0;
    j->cancel = j->cancel || (effects & EFFECT_CANCEL_MARK) != 0;
    if ((effects & EFFECT_CLEAR_ATTEMPT) != 0) {
        clear_attempt(j);
    }
    if ((effects & EFFECT_CLEAR_JOB) != 0) {
        clear_job(j);
    }
    if ((effects & EFFECT_NO_ETA) != 0) {
        j->eta_s = -1;
    }
    return true;
}

static void step_begin(struct model_step *s)
{
    s->now_ms = model_arg(s, 0);
    s->waiting = model_count_at(s->m, AT_READY);
    s->parked = model_count_at(s->m, AT_PARKED);
}

void model_call(struct model *m, const char *function, const char *const *argv, size_t argc,
                struct buf *reply)
{
    static const struct {
        const char *name;
        void (*run)(struct model_step *s);
    } calls[] = {
        {"lh_submit", model_submit}, {"lh_claim", model_claim},         {"lh_renew", model_renew},
        {"lh_finish", model_finish}, {"lh_progress", model_progress},   {"lh_cancel", model_cancel},
        {"lh_retry", model_retry},   {"lh_remove", model_remove},       {"lh_tick", model_tick},
        {"lh_expire", model_expire}, {"lh_discarded", model_discarded}, {"lh_stats", model_stats},
        {"lh_list", model_list},
    };
    struct model_step s = {.m = m, .argv = argv, .argc = argc, .reply = reply};
    step_begin(&s);
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        if (strcmp(calls[i].name, function) == 0) {
            calls[i].run(&s);
            return;
        }
    }
    assert(false && "no such function");
}
