/* renew, progress and the ends of attempts. */
#include "tests/model/model.h"

#include "core/job_error.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HELD, STALE, CANCEL };
enum { FINISHED, REPEATED, END_IS_STALE, REFUSED };
enum { METER = 7, END = 8, LEASE_MS = 20000, MARGIN_MS = 5000, DOUBT_MS = 5000 };

static int hold_of(const struct model_job *j, const char *fence)
{
    if (j == NULL || j->status != JOB_RUNNING || j->fence != strtoll(fence, NULL, 10)) {
        return STALE;
    }
    return j->cancel ? CANCEL : HELD;
}

static int64_t last_transition(const struct model_job *j)
{
    const char *last = strrchr(j->log, ';');
    return strtoll(last != NULL ? last + 1 : j->log, NULL, 10);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

void model_renew(struct model_step *s)
{
    for (size_t i = 2; i < s->argc; i += 2) {
        struct model_job *j = model_find(s->m, s->argv[i]);
        const int hold = hold_of(j, s->argv[i + 1]);
        model_say_int(s, hold);
        if (hold == HELD) {
            model_apply(s, j, EVENT_RENEW);
            model_place(j, AT_LEASE, least(s->now_ms + LEASE_MS, j->deadline_ms + MARGIN_MS));
            j->lease_seen = true;
            model_copy(j->broker, sizeof(j->broker), s->argv[1]);
        }
        model_say_int(s, hold == HELD ? j->version : 0);
        model_say_int(s, hold == HELD ? last_transition(j) : 0);
    }
}

void model_progress(struct model_step *s)
{
    for (size_t i = 1; i < s->argc; i += METER) {
        struct model_job *j = model_find(s->m, s->argv[i]);
        const int hold = hold_of(j, s->argv[i + 1]);
        model_say_int(s, hold);
        if (hold == HELD) {
            model_apply(s, j, EVENT_REPORT);
            j->percent = model_arg(s, i + 2);
            j->eta_s = model_arg(s, i + 3);
            model_copy(j->stage, sizeof(j->stage), s->argv[i + 4]);
            j->bytes_done = model_arg(s, i + 5);
            j->bytes_total = model_arg(s, i + 6);
        }
        model_say_int(s, hold == HELD ? j->version : 0);
        model_say_int(s, hold == HELD ? last_transition(j) : 0);
        model_say_int(s, hold == HELD ? j->updated_s : 0);
    }
}

void model_garbage_add(struct model *m, const char *key, int64_t due_ms)
{
    for (size_t i = 0; i < m->garbage_count; i++) {
        if (strcmp(m->garbage[i].key, key) == 0) {
            m->garbage[i].due_ms = due_ms;
            return;
        }
    }
    assert(m->garbage_count < MODEL_KEYS_MAX);
    struct model_garbage *g = &m->garbage[m->garbage_count++];
    model_copy(g->key, sizeof(g->key), key);
    g->due_ms = due_ms;
}

void model_doubt(struct model_step *s, const char *id, int64_t fence)
{
    char key[MODEL_TEXT_SIZE];
    (void)snprintf(key, sizeof(key), "%s.%" PRId64, id, fence);
    model_garbage_add(s->m, key, s->now_ms + DOUBT_MS);
}

static void set_error(struct model_job *j, const struct model_end *end)
{
    const bool lost = end->event == EVENT_GIVE_UP;
    model_copy(j->error_code, sizeof(j->error_code), lost ? "WORKER_LOST" : end->code);
    model_copy(j->error_message, sizeof(j->error_message),
               lost ? job_error_message(JOB_ERROR_WORKER_LOST) : end->message);
    model_copy(j->error_retryable, sizeof(j->error_retryable), lost ? "1" : end->retryable);
}

static const char *logged_code(const struct model_end *end)
{
    const unsigned effects = job_machine_rule(JOB_RUNNING, end->event)->effects;
    if ((effects & EFFECT_CRASH) != 0) {
        return "WORKER_LOST";
    }
    return (effects & EFFECT_CHARGE) != 0 ? end->code : NULL;
}

static void put_away(struct model_step *s, struct model_job *j, const struct model_end *end,
                     enum job_place place, int64_t old_score)
{
    if (place == PLACE_EXPIRY) {
        model_place(j, AT_EXPIRY, s->now_ms + end->record_ttl_ms);
    } else if (place == PLACE_READY_OLD) {
        model_place(j, AT_READY, old_score);
    } else if (end->delay_ms > 0) {
        model_place(j, AT_DELAYED, s->now_ms + end->delay_ms);
        j->next_attempt_s = (s->now_ms + end->delay_ms + 999) / 1000;
    } else {
        model_place(j, AT_READY, model_fresh_score(s->m, j->priority, j->user));
    }
}

void model_end_attempt(struct model_step *s, struct model_job *j, const struct model_end *end)
{
    const struct job_rule *rule = job_machine_rule(j->status, end->event);
    const int64_t old_score = model_old_score(s->m, j);
    j->at = AT_COUNT; /* out of the lease before others move up */
    if (j->user[0] != '\0') {
        model_unpark(s, j->user);
        model_settle(s, j);
    }
    const bool applied = model_apply(s, j, end->event);
    assert(applied);
    if ((rule->effects & EFFECT_ERROR) != 0) {
        set_error(j, end);
    }
    model_log(s, j, true, NULL, logged_code(end));
    put_away(s, j, end, rule->place, old_score);
}

/* p: artifact_key size sha256 file_name content_type */
static void set_artifact(struct model_job *j, const char *const *p)
{
    model_copy(j->artifact_key, sizeof(j->artifact_key), p[0]);
    model_copy(j->size, sizeof(j->size), p[1]);
    model_copy(j->sha256, sizeof(j->sha256), p[2]);
    model_copy(j->file_name, sizeof(j->file_name), p[3]);
    model_copy(j->content_type, sizeof(j->content_type), p[4]);
    j->percent = 100;
    if (j->stage[0] != '\0') { /* what was reported is brought up to the end */
        model_copy(j->stage, sizeof(j->stage), "done");
        j->bytes_done = j->bytes_total = strtoll(j->size, NULL, 10);
    }
}

/* Was this very end recorded before? The last entry of the log tells. */
static int ended_before(const struct model_job *j, const char *const *a)
{
    const enum job_end end = (enum job_end)strtol(a[2], NULL, 10);
    const char *last = strrchr(j->log, ';');
    const char *code = strstr(last != NULL ? last : j->log, "::");
    char attempt[MODEL_NAME_SIZE] = "";
    char letter = 0;
    (void)sscanf(last != NULL ? last + 1 : j->log, "%*[^:]:%*[^:]:%c:%47[^:;]", &letter, attempt);
    code = code != NULL ? code + 2 : "";
    if (strcmp(attempt, a[1]) != 0 || j->fence != strtoll(a[1], NULL, 10)) {
        return END_IS_STALE;
    }
    if (j->status == JOB_CANCELED) {
        return end == END_CANCELED ? REPEATED : REFUSED;
    }
    const bool same[JOB_END_COUNT] = {
        [END_COMPLETED] = letter == 'c',
        [END_FAILED] = letter != 'c' && strcmp(code, a[3]) == 0,
        [END_RELEASED] = letter != 'c' && code[0] == '\0',
        [END_LOST] = letter != 'c' && (code[0] == '\0' || strcmp(code, "WORKER_LOST") == 0),
    };
    return same[end] ? REPEATED : END_IS_STALE;
}

static int finish_running(struct model_step *s, struct model_job *j, const char *const *a)
{
    const enum job_end kind = (enum job_end)strtol(a[2], NULL, 10);
    const bool failed = kind == END_FAILED;
    const struct job_facts facts = {
        .cancel_wanted = j->cancel,
        .retryable = failed && strcmp(a[5], "1") == 0,
        .lease_seen = j->lease_seen,
        .attempts = (uint32_t)j->attempts,
        .max_attempts = (uint32_t)j->max_attempts,
        .crashes = (uint32_t)j->crashes,
    };
    const bool refused = j->cancel && kind != END_CANCELED;
    if (kind == END_LOST && strcmp(j->broker, s->argv[1]) != 0) {
        return END_IS_STALE;
    }
    struct model_end end = {.event = job_machine_end(kind, &facts),
                            .record_ttl_ms = model_arg(s, 3)};
    if (failed) {
        end.code = a[3];
        end.message = a[4];
        end.retryable = a[5];
        end.delay_ms = strtoll(a[6], NULL, 10);
    }
    if (end.event == EVENT_COMPLETE) {
        end.record_ttl_ms = model_arg(s, 2);
        set_artifact(j, a + 3);
    } else if (kind != END_RELEASED && (!failed || strcmp(a[3], "STORE_UNAVAILABLE") == 0)) {
        model_doubt(s, j->id, j->fence);
    }
    model_end_attempt(s, j, &end);
    return refused ? REFUSED : FINISHED;
}

/* A stale completion, and not of a fence that is still to come. */
static bool stored_too_late(const struct model_job *j, const char *const *a)
{
    return strtol(a[2], NULL, 10) == END_COMPLETED &&
           (j == NULL || strtoll(a[1], NULL, 10) <= j->fence);
}

void model_finish(struct model_step *s)
{
    for (size_t i = 4; i < s->argc; i += END) {
        const char *const *a = &s->argv[i];
        struct model_job *j = model_find(s->m, a[0]);
        int code = END_IS_STALE;
        if (j != NULL && j->status == JOB_RUNNING && j->fence == strtoll(a[1], NULL, 10)) {
            code = finish_running(s, j, a);
        } else if (j != NULL && j->status != JOB_RUNNING) {
            code = ended_before(j, a);
        }
        if (code == END_IS_STALE && stored_too_late(j, a)) {
            model_doubt(s, a[0], strtoll(a[1], NULL, 10));
        }
        model_say_int(s, code);
        model_say_int(s, code != END_IS_STALE ? (int64_t)j->status : 0);
        model_say_int(s, code != END_IS_STALE ? j->version : 0);
    }
}
