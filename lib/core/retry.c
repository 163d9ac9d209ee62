#include "core/retry.h"

#include <stddef.h>

enum { DOUBLINGS_MAX = 20 }; /* any base is over any cap by then, and the shift stays defined */

struct retry_class {
    const char *code;
    int64_t base_ms, cap_ms;
};

/* A source that is away is often away for long; a store is ours and comes back soon; a checksum
 * that did not match was likely a broken transfer. */
static const struct retry_class CLASSES[] = {
    {"SOURCE_UNREACHABLE", 2000, 60000},
    {"SOURCE_STALLED", 2000, 60000},
    {"STORE_UNAVAILABLE", 1000, 15000},
    {"CHECKSUM_MISMATCH", 1000, 30000},
    {"TIMEOUT", 1000, 60000},
    {"WORKER_LOST", 500, 10000},
};
static const struct retry_class DEFAULT_CLASS = {"", 1000, 30000};

static const struct retry_class *class_of(struct span code)
{
    for (size_t i = 0; i < sizeof CLASSES / sizeof CLASSES[0]; i++) {
        if (span_eq(code, span_of(CLASSES[i].code))) {
            return &CLASSES[i];
        }
    }
    return &DEFAULT_CLASS;
}

static int64_t backoff(const struct retry_class *c, uint32_t failures, uint64_t random)
{
    const uint32_t doublings = failures < DOUBLINGS_MAX ? failures : DOUBLINGS_MAX;
    int64_t full = c->base_ms << doublings;
    if (full > c->cap_ms) {
        full = c->cap_ms;
    }
    const int64_t half = full / 2;
    return half + (int64_t)(random % (uint64_t)(full - half + 1));
}

int64_t retry_delay_ms(struct span code, uint32_t failures, uint32_t retry_after_ms,
                       uint64_t random)
{
    const int64_t delay = backoff(class_of(code), failures, random);
    const int64_t asked = retry_after_ms < RETRY_AFTER_MAX_MS ? retry_after_ms : RETRY_AFTER_MAX_MS;
    if (asked <= delay) {
        return delay;
    }
    return asked + (int64_t)(random % (uint64_t)(asked / 10 + 1));
}
