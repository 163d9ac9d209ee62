/* Records and cursors as tests of streams need them. */
#ifndef LONGHAUL_TESTS_SSE_SAMPLES_H
#define LONGHAUL_TESTS_SSE_SAMPLES_H

#include "core/sse.h"

static inline struct job_record record(enum job_status status, uint64_t version, const char *log)
{
    return (struct job_record){.job_id = "00123456789abcdefghjkmnpqrs",
                               .status = status,
                               .version = version,
                               .log = span_of(log)};
}

static inline struct sse_cursor cursor(const char *last_event_id)
{
    struct sse_cursor c;
    sse_cursor_init(&c, span_of(last_event_id));
    return c;
}

#endif
