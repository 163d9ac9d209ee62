#include "workers/worker.h"

/* `key` is storage for the artifact's key, which the message points to. */
static struct wire_message result_of(const struct run *r, char key[ARTIFACT_KEY_SIZE])
{
    struct wire_message m = {.kind = WIRE_RESULT,
                             .result = {.attempt = r->id, .outcome = r->outcome}};
    if (r->outcome == OUTCOME_COMPLETED) {
        artifact_key_write(&r->id, r->stored == 0, key);
        m.result.artifact = (struct artifact){.key = span_of(key),
                                              .size_bytes = r->stored,
                                              .file_name = span_of(r->file_name),
                                              .content_type = span_of(r->content_type)};
        for (size_t i = 0; i < SHA256_SIZE; i++) {
            m.result.artifact.sha256[i] = r->sha256[i];
        }
    }
    if (r->outcome == OUTCOME_FAILED) {
        m.result.failure = (struct failure){.code = job_error_code(r->fault.error),
                                            .message = span_of(r->fault.message),
                                            .retryable = r->fault.retryable,
                                            .retry_after_ms = r->fault.retry_after_ms};
    }
    return m;
}

void run_repeat(struct run *r)
{
    char key[ARTIFACT_KEY_SIZE];
    const struct wire_message m = result_of(r, key);
    r->repeat_ms = r->worker->now_ms + RUNS_REPEAT_MS;
    runs_set_reporting(&r->worker->runs, r, true); /* last in line for the next repeat */
    link_send(r->worker->link, &m);
}

void run_report(struct run *r)
{
    run_repeat(r);
}

void run_report_over(struct run *r)
{
    runs_set_reporting(&r->worker->runs, r, false);
}

int64_t run_progress(struct run *r, const struct meter *m)
{
    if (!r->ended && progress_gate_pass(&r->gate, m, r->worker->now_ms)) {
        link_send(r->worker->link,
                  &(struct wire_message){.kind = WIRE_PROGRESS,
                                         .progress = {.attempt = r->id, .meter = *m}});
    }
    return r->ended || progress_gate_said(&r->gate, m) ? -1 : r->gate.next_ms;
}
