// links: base core
/* The record and its log, as bytes that somebody else may have written into Redis. The input is
 * field, value, field, value … each ending in a newline. */
#include "core/record.h"

#include <assert.h>

enum { PAIRS_MAX = 64 };

static void walk_log(struct span log)
{
    struct record_transition t;
    size_t before = log.len + 1;
    while (record_log_next(&log, &t)) {
        assert(log.len < before);
        assert(t.status < JOB_STATUS_COUNT);
        before = log.len;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span rest = {(const char *)data, size};
    struct span pairs[PAIRS_MAX];
    size_t count = 0;
    while (rest.len > 0 && count < PAIRS_MAX) {
        span_cut(rest, '\n', &pairs[count++], &rest);
    }
    struct job_record r;
    if (job_record_decode(SPAN("00123456789abcdefghjkmnpqrs"), pairs, count, &r) == ERR_OK) {
        assert(r.progress >= -1 && r.progress <= 100);
        assert(r.status < JOB_STATUS_COUNT && r.stage < STAGE_COUNT);
        walk_log(r.log);
        (void)record_log_last(r.log);
    }
    const struct span all = {(const char *)data, size};
    walk_log(all);
    (void)record_log_last(all);
    return 0;
}
