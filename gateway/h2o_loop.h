/* h2o, as this program includes it: the event loop of its own, never libuv's. The headers pick
 * libuv's layout silently when the switch is missing, and the result would still link. */
#ifndef LONGHAUL_GATEWAY_H2O_LOOP_H
#define LONGHAUL_GATEWAY_H2O_LOOP_H

#include <h2o.h>

_Static_assert(H2O_USE_LIBUV == 0, "compile with H2O_USE_LIBUV=0");

#include "base/span.h"

/* What H2O_STRUCT_FROM_MEMBER does, in a way that clang's -Wcast-align accepts. */
#define OWNER_OF(type, member, pointer) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

static inline struct span span_of_iovec(h2o_iovec_t v)
{
    return (struct span){.ptr = v.base, .len = v.len};
}

#endif
