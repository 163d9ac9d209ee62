// links: base core
/* A stream's cursor over records whose log is any bytes. Lines: Last-Event-ID, then pairs of lines
 * "status version" (two characters and digits) and a log: what the stream sees one after another.
 */
#include "core/sse.h"

#include <assert.h>

enum { STEPS_MAX = 100000 };

static bool next_record(struct span *rest, struct job_record *out)
{
    struct span head, log;
    if (rest->len == 0) {
        return false;
    }
    span_cut(*rest, '\n', &head, rest);
    span_cut(*rest, '\n', &log, rest);
    uint64_t version = 0;
    if (head.len < 2 ||
        span_to_u64((struct span){head.ptr + 1, head.len - 1}, &version) != ERR_OK) {
        return false;
    }
    *out = (struct job_record){.status =
                                   (enum job_status)((unsigned char)head.ptr[0] % JOB_STATUS_COUNT),
                               .version = version,
                               .log = log};
    return true;
}

/* Ids grow strictly, after the first event; an end is only for a terminal state. */
static void drain(struct sse_cursor *c, const struct job_record *r, int64_t now_ms, bool *begun,
                  uint64_t *last)
{
    for (int steps = 0;; steps++) {
        const struct sse_step s = sse_cursor_next(c, r, now_ms);
        assert(steps < STEPS_MAX);
        if (s.kind == SSE_STEP_IDLE) {
            assert(s.wait_ms >= -1 && s.wait_ms <= SSE_PROGRESS_INTERVAL_MS);
            return;
        }
        if (s.kind == SSE_STEP_END) {
            assert(job_status_terminal(r->status));
            return;
        }
        assert(!*begun || s.version > *last);
        assert(s.version <= r->version);
        assert(s.kind == SSE_STEP_STATUS || (s.present && r->status == JOB_RUNNING));
        *begun = true;
        *last = s.version;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span id, rest;
    span_cut((struct span){(const char *)data, size}, '\n', &id, &rest);
    struct sse_cursor c;
    sse_cursor_init(&c, id);
    struct job_record r;
    bool begun = false;
    uint64_t last = 0;
    for (int64_t now_ms = 0; next_record(&rest, &r); now_ms += 100) {
        drain(&c, &r, now_ms, &begun, &last);
    }
    return 0;
}
