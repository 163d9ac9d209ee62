#include "core/history_json.h"

#define LITERAL(out, text) (void)buf_append((out), "" text, sizeof(text) - 1)

/* Who ran the newest attempt: an attempt's end does not repeat its worker. */
struct begun {
    uint64_t attempt;
    struct span worker_id;
};

static void add_text_or_null(struct buf *out, struct span text)
{
    if (text.len > 0) {
        (void)buf_json_string(out, text);
    } else {
        LITERAL(out, "null");
    }
}

static struct span stage_of(const struct job_record *r, const struct record_transition *t)
{
    switch (t->status) {
    case JOB_QUEUED:
        return span_of(job_stage_name(STAGE_QUEUED));
    case JOB_RUNNING:
        return span_of(job_stage_name(STAGE_FETCHING));
    case JOB_COMPLETED:
        return span_of(job_stage_name(STAGE_DONE));
    case JOB_FAILED:
    case JOB_CANCELED:
    case JOB_STATUS_COUNT:
        break;
    }
    const bool is_present = t->status == r->status && t->version == record_log_last(r->log);
    return is_present ? span_of(job_stage_name(r->stage)) : (struct span){0};
}

static struct span worker_of(const struct begun *begun, const struct record_transition *t)
{
    if (t->worker_id.len > 0 || t->attempt != begun->attempt) {
        return t->worker_id;
    }
    return begun->worker_id;
}

static void add_event(const struct job_record *r, const struct begun *begun,
                      const struct record_transition *t, struct buf *out)
{
    LITERAL(out, "{\"version\":");
    (void)buf_u64(out, t->version);
    LITERAL(out, ",\"at\":");
    (void)buf_i64(out, t->at_s);
    LITERAL(out, ",\"status\":\"");
    (void)buf_text(out, job_status_name(t->status));
    LITERAL(out, "\",\"stage\":");
    add_text_or_null(out, stage_of(r, t));
    LITERAL(out, ",\"attempt\":");
    if (t->attempt > 0) {
        (void)buf_u64(out, t->attempt);
    } else {
        LITERAL(out, "null");
    }
    LITERAL(out, ",\"workerId\":");
    add_text_or_null(out, t->attempt > 0 ? worker_of(begun, t) : (struct span){0});
    LITERAL(out, ",\"errorCode\":");
    add_text_or_null(out, t->error_code);
    LITERAL(out, "}");
}

void history_json_render(const struct job_record *r, struct buf *out)
{
    struct span rest = r->log;
    struct record_transition t;
    struct begun begun = {0};
    bool first = true;
    LITERAL(out, "{\"events\":[");
    while (record_log_next(&rest, &t)) {
        if (!first) {
            LITERAL(out, ",");
        }
        first = false;
        if (t.status == JOB_RUNNING) {
            begun = (struct begun){t.attempt, t.worker_id};
        }
        add_event(r, &begun, &t, out);
    }
    LITERAL(out, "]}");
}
