/* The real side: a private Redis with the function library, spoken to synchronously. Replies and
 * state come out as the same text as the model's (tests/model/model.h). */
#ifndef LONGHAUL_TESTS_MODEL_REDIS_SIDE_H
#define LONGHAUL_TESTS_MODEL_REDIS_SIDE_H

#include "base/buf.h"
#include "support/redis_server.h"

#include <stdbool.h>
#include <stddef.h>

struct redis_side {
    struct redis_server server;
    char dir[64];
};

void redis_side_open(struct redis_side *r);
void redis_side_close(struct redis_side *r);
bool redis_side_load(struct redis_side *r, bool replace); /* false: refused */

/* FCALL function 1 <ns> argv… An error reply is "e:<text> ". */
void redis_side_call(struct redis_side *r, const char *function, const char *const *argv,
                     size_t argc, struct buf *reply);
/* Any command, words separated by one space; the reply as text. For planting damage. */
void redis_side_do(struct redis_side *r, const char *words, struct buf *reply);
/* All keys but the audit's own cursors. */
void redis_side_dump(struct redis_side *r, struct buf *out);

#endif
