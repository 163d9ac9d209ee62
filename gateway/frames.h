/* Frames: the bytes of one event, shared by the streams that are sending them.
 *
 * Counted references; one thread. */
#ifndef LONGHAUL_GATEWAY_FRAMES_H
#define LONGHAUL_GATEWAY_FRAMES_H

#include "core/sse.h"

#include <stddef.h>

/* A present state is sent as status or as progress, with or without unnamed twins. */
enum { FRAMES_VARIANTS = 4 };

struct frames {
    size_t references;
    size_t len;
    char bytes[];
};

static inline size_t frames_variant(const struct sse_step *step, bool named_only)
{
    return (step->kind == SSE_STEP_PROGRESS ? 2U : 0U) + (named_only ? 1U : 0U);
}

struct frames *frames_new(struct span bytes); /* one reference; NULL: no memory */
struct frames *frames_hold(struct frames *f); /* one more */
void frames_release(struct frames **f);       /* NULL inside is fine */

#endif
