/* Reply arena: memory for the one reply of Redis that a connection is reading or handing out.
 *
 * hiredis makes two allocations for each string of a reply and frees them one by one; a job's
 * record has some forty. Since a connection's replies live one after the other, their objects can
 * stand in one block that the next reply takes over: hiredis lets its user say how objects are
 * made and freed.
 *
 * Limits: REPLY_ARENA_BLOCK bytes are kept; what a longer reply needs beyond is freed with it.
 * Owner: who opened it; it must outlive the reader. Errors: without memory hiredis ends the
 * connection. Thread: the connection's. */
#ifndef LONGHAUL_PORTS_REPLY_ARENA_H
#define LONGHAUL_PORTS_REPLY_ARENA_H

#include <stddef.h>

struct redisReader;
struct reply_block;

enum { REPLY_ARENA_BLOCK = 16384 }; /* three records; as much as hiredis reads at a time */

struct reply_arena {
    struct reply_block *blocks; /* the newest first; the last one is kept */
    size_t used;                /* of the newest */
};

void reply_arena_init(struct reply_arena *arena);
void reply_arena_clear(struct reply_arena *arena);

/* From now on the reader makes its replies in `arena`. */
void reply_arena_serve(struct reply_arena *arena, struct redisReader *reader);

#endif
