/* The model's state as lines, the way Redis would hold it. */
#include "tests/model/model.h"

#include <inttypes.h>
#include <string.h>

static void line(struct buf *out, const char *key, const char *owner, const char *member,
                 const char *value)
{
    (void)buf_printf(out, "%s%s\t%s\t%s\n", key, owner, member, value);
}

static void line_int(struct buf *out, const char *key, const char *owner, const char *member,
                     int64_t value)
{
    (void)buf_printf(out, "%s%s\t%s\t%" PRId64 "\n", key, owner, member, value);
}

static void dump_numbers(const struct model_job *j, struct buf *out)
{
    const struct {
        const char *field;
        int64_t value, absent;
    } numbers[] = {
        {"version", j->version, -1},
        {"createdAt", j->created_s, -1},
        {"updatedAt", j->updated_s, -1},
        {"fileId", j->file_id, -1},
        {"attempts", j->attempts, -1},
        {"timeoutMs", j->timeout_ms, MODEL_TIMEOUT_DEFAULT_MS},
        {"maxAttempts", j->max_attempts, JOB_MAX_ATTEMPTS_DEFAULT},
        {"priority", j->priority, JOB_PRIORITY_DEFAULT},
        {"failures", j->failures, 0},
        {"crashes", j->crashes, 0},
        {"retries", j->retries, 0},
        {"cancel", j->cancel, 0},
        {"artifactExpired", j->artifact_expired, 0},
        {"bytesDone", j->bytes_done, -1},
        {"nextAttemptAt", j->next_attempt_s, -1},
    };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (numbers[i].value != numbers[i].absent) {
            line_int(out, JOB_KEY_PREFIX, j->id, numbers[i].field, numbers[i].value);
        }
    }
}

static void line_nullable(struct buf *out, const struct model_job *j, const char *field,
                          int64_t value)
{
    if (value < 0) {
        line(out, JOB_KEY_PREFIX, j->id, field, "");
    } else {
        line_int(out, JOB_KEY_PREFIX, j->id, field, value);
    }
}

/* The seed document's fields that may be null are there in every status, empty where null. (Those
 * that never are stand among the numbers and texts.) */
static void dump_nullable(const struct model_job *j, struct buf *out)
{
    line(out, JOB_KEY_PREFIX, j->id, "userId", j->user);
    line_nullable(out, j, "progress", j->percent);
    line_nullable(out, j, "etaSeconds", j->eta_s);
    line(out, JOB_KEY_PREFIX, j->id, "errorCode", j->error_code);
    line(out, JOB_KEY_PREFIX, j->id, "errorMessage", j->error_message);
    line(out, JOB_KEY_PREFIX, j->id, "artifactKey", j->artifact_key);
    line(out, JOB_KEY_PREFIX, j->id, "presignedUrl", "");
    line(out, JOB_KEY_PREFIX, j->id, "expiresAt", "");
}

static void dump_run(const struct model_job *j, struct buf *out)
{
    if (j->fence == 0) {
        return;
    }
    (void)buf_printf(out, JOB_KEY_PREFIX "%s\trun\t%" PRId64, j->id, j->fence);
    if (j->worker[0] != '\0') {
        (void)buf_printf(out, ":%" PRId64 ":%s:", j->deadline_ms, j->lease_seen ? "1" : "");
        if (j->score >= 0) {
            (void)buf_printf(out, "%" PRId64, j->score);
        }
        (void)buf_printf(out, ":%s:%s", j->broker, j->worker);
    }
    (void)buf_text(out, "\n");
}

static void dump_texts(const struct model_job *j, struct buf *out)
{
    const struct {
        const char *field, *value;
    } texts[] = {
        {"status", job_status_name(j->status)},
        {"spec", j->spec},
        {"log", j->log},
        {"stage", j->stage},
        {"retryBy", j->retry_by},
        {"errorRetryable", j->error_retryable},
        {"size", j->size},
        {"sha256", j->sha256},
        {"fileName", j->file_name},
        {"contentType", j->content_type},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i].value[0] != '\0') {
            line(out, JOB_KEY_PREFIX, j->id, texts[i].field, texts[i].value);
        }
    }
    if (j->stage[0] != '\0') {
        line_nullable(out, j, "bytesTotal", j->bytes_total);
    }
}

static void dump_places(const struct model_job *j, struct buf *out)
{
    static const char *const places[AT_COUNT] = {"ready", "delayed", "parked", "lease", "expiry"};
    line_int(out, MODEL_NS, places[j->at], j->id, j->at_score);
    line(out, MODEL_NS, "index", j->id, "0");
    if (j->user[0] == '\0') {
        return;
    }
    line(out, MODEL_NS "index:", j->user, j->id, "0");
    if (j->at == AT_PARKED) {
        line_int(out, MODEL_NS "parked:", j->user, j->id, j->at_score);
    }
    if (j->status == JOB_QUEUED || j->status == JOB_RUNNING) {
        line(out, MODEL_NS "live:", j->user, j->id, "");
    }
    if (j->status == JOB_RUNNING) {
        line(out, MODEL_NS "running:", j->user, j->id, "");
    }
}

static void dump_clocks(const struct model *m, struct buf *out)
{
    for (size_t p = 0; p < MODEL_PRIORITIES; p++) {
        const char name[] = {'V', (char)('0' + p), '\0'};
        if (m->virtual_time[p] > 0) {
            line_int(out, MODEL_NS, "meta", name, m->virtual_time[p]);
        }
        for (size_t i = 0; i < MODEL_USERS_MAX; i++) {
            if (m->tags[p][i].used) {
                line_int(out, MODEL_NS "vt:", name + 1, m->tags[p][i].user, m->tags[p][i].tag);
            }
        }
    }
    if (m->reap_at_ms >= 0) {
        line_int(out, MODEL_NS, "meta", "reapAt", m->reap_at_ms);
    }
}

void model_dump(const struct model *m, struct buf *out)
{
    for (size_t i = 0; i < MODEL_JOBS_MAX; i++) {
        if (m->jobs[i].used) {
            dump_numbers(&m->jobs[i], out);
            dump_run(&m->jobs[i], out);
            dump_texts(&m->jobs[i], out);
            dump_nullable(&m->jobs[i], out);
            dump_places(&m->jobs[i], out);
        }
    }
    for (size_t i = 0; i < m->idem_count; i++) {
        (void)buf_printf(out, "%s\t\t%s %s\n", m->idem[i].key, m->idem[i].id,
                         m->idem[i].fingerprint);
    }
    for (size_t i = 0; i < m->removed_count; i++) {
        (void)buf_printf(out, MODEL_NS "removed:%s\t\t%s\n", m->removed[i].id,
                         m->removed[i].command);
    }
    for (size_t i = 0; i < m->garbage_count; i++) {
        line_int(out, MODEL_NS, "garbage", m->garbage[i].key, m->garbage[i].due_ms);
    }
    dump_clocks(m, out);
}
