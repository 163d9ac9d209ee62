/* Frames: the bytes of one event, shared by the streams that are sending them.
 *
 * Counted references; one thread. */
#ifndef LONGHAUL_GATEWAY_FRAMES_H
#define LONGHAUL_GATEWAY_FRAMES_H

#include "core/sse.h"

#include <stddef.h>

/* What is sent of a job: with or without unnamed twins; with the version as its id, or with none,
 * for streams that have an id of their own. */
enum frames_form { FRAMES_TWINS = 0, FRAMES_NAMED_ONLY = 1, FRAMES_NO_ID = 2 };
/* A present state is sent as status or as progress, in each of the forms. */
enum { FRAMES_VARIANTS = 8 };

struct frames {
    size_t references;
    size_t len;
    char bytes[];
};

static inline size_t frames_variant(const struct sse_step *step, unsigned form)
{
    return (step->kind == SSE_STEP_PROGRESS ? 4U : 0U) + form;
}

struct frames *frames_new(struct span bytes); /* one reference; NULL: no memory */
struct frames *frames_hold(struct frames *f); /* one more */
void frames_release(struct frames **f);       /* NULL inside is fine */

#endif
