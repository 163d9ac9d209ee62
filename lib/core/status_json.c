#include "core/status_json.h"

#include "core/job_error.h"

#include <assert.h>
#include <stdio.h>

#define LITERAL(out, text) (void)buf_append((out), "" text, sizeof(text) - 1)

static void add_text(struct buf *out, struct span text)
{
    (void)buf_json_string(out, text);
}

static void add_text_or_null(struct buf *out, struct span text)
{
    if (text.len > 0) {
        (void)buf_json_string(out, text);
    } else {
        LITERAL(out, "null");
    }
}

/* Negative numbers stand for null. */
static void add_number_or_null(struct buf *out, int64_t n)
{
    if (n >= 0) {
        (void)buf_u64(out, (uint64_t)n);
    } else {
        LITERAL(out, "null");
    }
}

static void add_identity(struct buf *out, const struct job_record *r)
{
    LITERAL(out, "{\"jobId\":\"");
    (void)buf_append(out, r->job_id, JOB_ID_LEN);
    LITERAL(out, "\",\"status\":\"");
    (void)buf_text(out, job_status_name(r->status));
    LITERAL(out, "\",\"version\":");
    (void)buf_u64(out, r->version);
}

static void add_progress(struct buf *out, const struct job_record *r)
{
    LITERAL(out, ",\"progress\":");
    add_number_or_null(out, r->progress);
    LITERAL(out, ",\"etaSeconds\":");
    add_number_or_null(out, r->eta_s);
    LITERAL(out, ",\"attempts\":");
    (void)buf_u64(out, r->attempts);
    LITERAL(out, ",\"maxAttempts\":");
    (void)buf_u64(out, r->max_attempts);
}

static void add_origin(struct buf *out, const struct job_record *r)
{
    LITERAL(out, ",\"file_id\":");
    (void)buf_u64(out, r->file_id);
    LITERAL(out, ",\"userId\":");
    add_text_or_null(out, r->user_id);
    LITERAL(out, ",\"createdAt\":");
    (void)buf_i64(out, r->created_at_s);
    LITERAL(out, ",\"updatedAt\":");
    (void)buf_i64(out, r->updated_at_s);
}

/* A worker may go on reporting until it has heard of the mark. */
static const char *stage_shown(const struct job_record *r)
{
    const bool canceling = r->status == JOB_RUNNING && r->cancel_wanted;
    return canceling ? STATUS_STAGE_CANCELING : job_stage_name(r->stage);
}

static void add_amount(struct buf *out, const struct job_record *r)
{
    LITERAL(out, ",\"stage\":\"");
    (void)buf_text(out, stage_shown(r));
    LITERAL(out, "\",\"bytesDone\":");
    (void)buf_u64(out, r->bytes_done);
    LITERAL(out, ",\"bytesTotal\":");
    add_number_or_null(out, r->bytes_total);
}

static void add_waiting(struct buf *out, const struct job_record *r)
{
    LITERAL(out, ",\"queuePosition\":");
    add_number_or_null(out, r->queue_position);
    if (r->next_attempt_at_s > 0) {
        LITERAL(out, ",\"nextAttemptAt\":");
        (void)buf_i64(out, r->next_attempt_at_s);
    }
}

static void add_error(struct buf *out, const struct job_record *r)
{
    const bool coded = r->error_code.len > 0;
    const struct span code = coded ? r->error_code : job_error_code(JOB_ERROR_INTERNAL);
    struct span message = r->error_message;
    if (message.len == 0) {
        message = span_of(job_error_message(job_error_parse(code)));
    }
    LITERAL(out, ",\"error\":{\"code\":");
    add_text(out, code);
    LITERAL(out, ",\"message\":");
    add_text(out, message);
    LITERAL(out, ",\"retryable\":");
    (void)buf_text(out, r->error_retryable ? "true}" : "false}");
}

static void add_result(struct buf *out, const struct job_record *r, const struct status_link *link)
{
    LITERAL(out, ",\"result\":{");
    if (link != NULL && link->url.len > 0) {
        LITERAL(out, "\"url\":");
        add_text(out, link->url);
        LITERAL(out, ",");
    }
    if (link != NULL) {
        LITERAL(out, "\"expiresAt\":");
        (void)buf_i64(out, link->expires_at_s);
        LITERAL(out, ",");
    }
    LITERAL(out, "\"fileName\":");
    add_text_or_null(out, r->file_name);
    LITERAL(out, ",\"contentType\":");
    add_text(out, r->content_type.len > 0 ? r->content_type : SPAN("application/octet-stream"));
    LITERAL(out, ",\"size\":");
    (void)buf_u64(out, r->size_bytes);
    LITERAL(out, ",\"sha256\":");
    add_text_or_null(out, r->sha256_hex);
    LITERAL(out, "}");
}

void status_json_render(const struct job_record *r, const struct status_link *link, struct buf *out)
{
    add_identity(out, r);
    add_progress(out, r);
    add_origin(out, r);
    add_amount(out, r);
    if (r->status == JOB_QUEUED) {
        add_waiting(out, r);
    } else if (r->status == JOB_FAILED) {
        add_error(out, r);
    } else if (r->status == JOB_COMPLETED) {
        add_result(out, r, link);
    }
    LITERAL(out, "}");
}

/* ---- the past */

/* A job that begins to wait or to run has moved nothing yet. What a failed or canceled attempt had
 * moved is not in the log either. */
static void forget_progress(struct job_record *r)
{
    r->progress = -1;
    r->eta_s = -1;
    r->bytes_done = 0;
    r->bytes_total = -1;
    r->queue_position = -1;
    r->next_attempt_at_s = 0;
    r->stage = r->status == JOB_QUEUED ? STAGE_QUEUED : STAGE_FETCHING;
}

/* The log has the code only; the sentence and the rest are the list's own. */
static void set_past_error(struct job_record *r, struct span code)
{
    const enum job_error e = job_error_parse(code);
    r->error_code = code;
    r->error_message = (struct span){0};
    r->error_retryable = job_error_retryable(e);
}

void status_json_render_past(const struct job_record *r, const struct record_transition *t,
                             const struct status_link *link, struct buf *out)
{
    /* After an end nothing but a retry changes a job: if the status is the same, so is the rest. */
    if (t->version == r->version || (job_status_terminal(t->status) && t->status == r->status &&
                                     t->version == record_log_last(r->log))) {
        struct job_record same = *r;
        same.version = t->version;
        status_json_render(&same, link, out);
        return;
    }
    struct job_record past = *r;
    past.status = t->status;
    past.version = t->version;
    past.updated_at_s = t->at_s;
    if (t->status != JOB_COMPLETED) {
        forget_progress(&past);
    }
    if (t->status == JOB_FAILED) {
        set_past_error(&past, t->error_code);
    }
    status_json_render(&past, link, out);
}

/* ---- beside the object */

void status_json_render_queued(struct span job_id, struct buf *out)
{
    LITERAL(out, "{\"jobId\":");
    add_text(out, job_id);
    LITERAL(out, ",\"status\":\"queued\"}");
}

enum {
    GUESS_S = 2,        /* when nothing is known */
    JOBS_A_SECOND = 20, /* that a queue may move, for a guess */
};

static int64_t wait_s(const struct job_record *r, int64_t now_s)
{
    if (r->status == JOB_RUNNING) {
        return r->eta_s >= 0 ? r->eta_s / 2 : GUESS_S;
    }
    if (r->next_attempt_at_s > now_s) {
        return r->next_attempt_at_s - now_s;
    }
    return r->queue_position >= 0 ? r->queue_position / JOBS_A_SECOND : GUESS_S;
}

uint32_t status_retry_after_s(const struct job_record *r, int64_t now_s)
{
    if (job_status_terminal(r->status)) {
        return 0;
    }
    const int64_t wait = wait_s(r, now_s);
    if (wait < STATUS_RETRY_AFTER_S_MIN) {
        return STATUS_RETRY_AFTER_S_MIN;
    }
    return wait > STATUS_RETRY_AFTER_S_MAX ? STATUS_RETRY_AFTER_S_MAX : (uint32_t)wait;
}

struct span status_etag(uint64_t version, uint64_t window, char out[STATUS_ETAG_SIZE])
{
    const unsigned long long v = version;
    const unsigned long long w = window;
    const int len = w == 0 ? snprintf(out, STATUS_ETAG_SIZE, "W/\"%llu\"", v)
                           : snprintf(out, STATUS_ETAG_SIZE, "W/\"%llu.%llu\"", v, w);
    assert(len > 0 && len < STATUS_ETAG_SIZE);
    return (struct span){out, (size_t)len};
}
