#include "core/sse.h"

/* ---- what to send */

void sse_cursor_init(struct sse_cursor *c, struct span last_event_id)
{
    *c = (struct sse_cursor){0};
    uint64_t version = 0;
    if (span_to_u64(last_event_id, &version) == ERR_OK && version > 0) {
        sse_cursor_resume(c, version);
    }
}

void sse_cursor_resume(struct sse_cursor *c, uint64_t version)
{
    *c = (struct sse_cursor){.version = version, .resumed = true};
}

void sse_cursor_resume_life(struct sse_cursor *c, const struct job_record *r)
{
    struct span rest = r->log;
    struct record_transition t;
    uint64_t end = 0;
    while (record_log_next(&rest, &t)) {
        if (job_status_terminal(t.status) && rest.len > 0) { /* something follows: a retry */
            end = t.version;
        }
    }
    sse_cursor_resume(c, end);
}

bool sse_cursor_ahead(const struct sse_cursor *c, const struct job_record *r)
{
    return c->resumed && !c->started && c->version > r->version;
}

/* Version of the transition that ended a terminal job; 0 if it has not ended. */
static uint64_t end_version(const struct job_record *r)
{
    if (!job_status_terminal(r->status)) {
        return 0;
    }
    const uint64_t last = record_log_last(r->log);
    return last > 0 && last <= r->version ? last : r->version;
}

bool sse_cursor_seen_end(const struct sse_cursor *c, const struct job_record *r)
{
    const uint64_t end = end_version(r);
    return end > 0 && (c->resumed || c->started) && c->version >= end && c->version <= r->version;
}

/* True if transitions newer than `version` may have fallen out of the log: its oldest entry does
 * not follow. A log that cannot be read says nothing, so it counts as cut. */
static bool log_is_cut(const struct job_record *r, uint64_t version)
{
    struct span rest = r->log;
    struct record_transition oldest;
    if (!record_log_next(&rest, &oldest)) {
        return true;
    }
    return oldest.version > version && oldest.version - version > 1;
}

/* The oldest transition newer than `version`. The newest one is looked at first: mostly there is
 * nothing new in the log. */
static bool find_newer(const struct job_record *r, uint64_t version, struct record_transition *out)
{
    if (record_log_last(r->log) <= version) {
        return false;
    }
    struct span rest = r->log;
    while (record_log_next(&rest, out)) {
        if (out->version > version) {
            return out->version <= r->version;
        }
    }
    return false;
}

static struct sse_step idle(int64_t wait_ms)
{
    return (struct sse_step){.kind = SSE_STEP_IDLE, .wait_ms = wait_ms};
}

static struct sse_step present(struct sse_cursor *c, const struct job_record *r,
                               enum sse_step_kind kind)
{
    c->version = r->version;
    c->started = true;
    return (struct sse_step){
        .kind = kind, .present = true, .version = r->version, .status = r->status};
}

static struct sse_step transition(struct sse_cursor *c, const struct job_record *r,
                                  const struct record_transition *t)
{
    /* The transition that ended the job is its present state, whatever was noted after it. */
    if (t->version == r->version || t->version == end_version(r)) {
        return present(c, r, SSE_STEP_STATUS);
    }
    c->version = t->version;
    return (struct sse_step){
        .kind = SSE_STEP_STATUS, .transition = *t, .version = t->version, .status = t->status};
}

static struct sse_step progress(struct sse_cursor *c, const struct job_record *r, int64_t now_ms)
{
    const int64_t since_ms = now_ms - c->progress_at_ms;
    if (c->progress_sent && since_ms >= 0 && since_ms < SSE_PROGRESS_INTERVAL_MS) {
        return idle(SSE_PROGRESS_INTERVAL_MS - since_ms);
    }
    c->progress_sent = true;
    c->progress_at_ms = now_ms;
    return present(c, r, SSE_STEP_PROGRESS);
}

struct sse_step sse_cursor_next(struct sse_cursor *c, const struct job_record *r, int64_t now_ms)
{
    if (!c->started) {
        if (!c->resumed || sse_cursor_ahead(c, r)) {
            return present(c, r, SSE_STEP_STATUS);
        }
        c->started = true;
    }
    if (sse_cursor_seen_end(c, r)) {
        return (struct sse_step){.kind = SSE_STEP_END};
    }
    if (r->version <= c->version) {
        return idle(-1);
    }
    struct record_transition t;
    if (log_is_cut(r, c->version)) {
        return present(c, r, SSE_STEP_STATUS);
    }
    if (find_newer(r, c->version, &t)) {
        return transition(c, r, &t);
    }
    return r->status == JOB_RUNNING ? progress(c, r, now_ms) : present(c, r, SSE_STEP_STATUS);
}

/* ---- bytes */

#define LITERAL(out, text) (void)buf_append((out), "" text, sizeof(text) - 1)

/* An empty name is an unnamed message; an empty id leaves the reader's last one. */
static void add_frame(struct buf *out, struct span name, struct span id, struct span json)
{
    if (name.len > 0) {
        LITERAL(out, "event: ");
        (void)buf_span(out, name);
        LITERAL(out, "\n");
    }
    if (id.len > 0) {
        LITERAL(out, "id: ");
        (void)buf_span(out, id);
        LITERAL(out, "\n");
    }
    LITERAL(out, "data: ");
    (void)buf_span(out, json);
    LITERAL(out, "\n\n");
}

/* The second name of an end; empty for the others. */
static struct span end_name(enum sse_step_kind kind, enum job_status status)
{
    if (kind == SSE_STEP_STATUS && status == JOB_FAILED) {
        return SPAN("error");
    }
    if (kind == SSE_STEP_STATUS && status == JOB_COMPLETED) {
        return SPAN("result");
    }
    return (struct span){0};
}

void sse_write_event(enum sse_step_kind kind, enum job_status status, struct span id,
                     struct span json, bool named_only, struct buf *out)
{
    const struct span none = {0};
    const struct span name = kind == SSE_STEP_PROGRESS ? SPAN("progress") : SPAN("status");
    const struct span second = end_name(kind, status);
    const bool first_is_last = named_only && second.len == 0;
    add_frame(out, name, first_is_last ? id : none, json);
    if (second.len > 0) {
        add_frame(out, second, named_only ? id : none, json);
    }
    if (!named_only) {
        add_frame(out, none, id, json);
    }
}

void sse_write_step(const struct sse_step *step, struct span json, bool named_only, struct buf *out)
{
    char digits[24];
    char *start = digits + sizeof digits;
    uint64_t n = step->version;
    do {
        *--start = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    const struct span id = {start, (size_t)(digits + sizeof digits - start)};
    sse_write_event(step->kind, step->status, id, json, named_only, out);
}

void sse_write_retry(uint32_t retry_ms, struct buf *out)
{
    LITERAL(out, "retry: ");
    (void)buf_u64(out, retry_ms);
    LITERAL(out, "\n\n");
}

void sse_write_heartbeat(struct buf *out)
{
    LITERAL(out, ": keep-alive\n\n");
}
