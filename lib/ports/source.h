/* Source: where the bytes of an attempt come from.
 *
 * Two implementations: source_http (libcurl) and source_file. A source pushes: it tells its
 * listener what it is (once), then bytes in order, then the end (once). The listener must not
 * destroy the source inside a callback: it notes what happened and does so later in its turn of the
 * loop.
 *
 * A listener without room answers SOURCE_PAUSE: it has taken none of the bytes, hears nothing more
 * until source_resume, and then gets the same bytes again. A paused source holds its connection and
 * at most one buffer, so a slow listener slows the sender.
 *
 * Everything happens on the loop's thread. */
#ifndef LONGHAUL_PORTS_SOURCE_H
#define LONGHAUL_PORTS_SOURCE_H

#include "base/span.h"
#include "core/job_error.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    SOURCE_CHUNK_MAX = 262144
}; /* bytes that one call of `bytes` brings, and that one turn reads */

enum source_take {
    SOURCE_STOP,  /* the source then says nothing more, not even `end` */
    SOURCE_TAKEN, /* all of them */
    SOURCE_PAUSE, /* none of them */
};

struct source_info {
    int64_t size_bytes;       /* -1: unknown */
    int64_t modified_s;       /* epoch seconds of its last change; -1: unknown */
    const char *file_name;    /* cleaned; "" none */
    const char *content_type; /* "" none */
};

struct source_listener {
    void *context;
    /* False: stop, as SOURCE_STOP. */
    bool (*begin)(void *context, const struct source_info *info);
    enum source_take (*bytes)(void *context, struct span bytes);
    /* JOB_ERROR_NONE: that was all of it. `begin` has been called before a good end. */
    void (*end)(void *context, const struct job_fault *fault);
};

struct source;
struct source_ops {
    void (*turn)(
        struct source *s); /* moves at most SOURCE_CHUNK_MAX bytes; NULL: moves by itself */
    void (*resume)(struct source *s);  /* after SOURCE_PAUSE; the listener may be called at once */
    void (*destroy)(struct source *s); /* stops at once, without `end` */
};
struct source {
    const struct source_ops *ops;
};

static inline bool source_wants_turns(const struct source *s)
{
    return s->ops->turn != NULL;
}
static inline void source_turn(struct source *s)
{
    s->ops->turn(s);
}
static inline void source_resume(struct source *s)
{
    s->ops->resume(s);
}
static inline void source_destroy(struct source **s)
{
    if (*s != NULL) {
        (*s)->ops->destroy(*s);
        *s = NULL;
    }
}

#endif
