/* Wire arena: memory for what one unpacking makes, freed all at once.
 *
 * A bump allocator behind protobuf-c's allocator interface. It is born with a maximum, takes it
 * from the system once (untouched pages cost nothing) and is used again and again: `reset` forgets
 * everything that was handed out. Each block remembers its size, because protobuf-c's strings end
 * in NUL and so cannot tell an embedded NUL from their end. */
#ifndef LONGHAUL_WIRE_ARENA_H
#define LONGHAUL_WIRE_ARENA_H

#include "base/err.h"
#include "base/span.h"

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>

struct wire_arena {
    unsigned char *data; /* owned */
    size_t used, max;    /* bytes */
    bool exhausted;      /* a block was refused since the last reset */
    ProtobufCAllocator allocator;
};

MUST_CHECK enum err wire_arena_init(struct wire_arena *a, size_t max);
void wire_arena_clear(struct wire_arena *a);
void wire_arena_reset(struct wire_arena *a);

/* NULL when the maximum would be passed. Aligned for anything; valid until the next reset. */
void *wire_arena_take(struct wire_arena *a, size_t size);

/* All bytes of a string that was unpacked into an arena, embedded NULs included. */
struct span wire_arena_text(const char *unpacked);

#endif
