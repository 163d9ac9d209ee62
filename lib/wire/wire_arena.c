#include "wire/wire_arena.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGN = 16, HEADER = ALIGN };

_Static_assert(HEADER >= sizeof(size_t), "the header holds the block's size");

static void *allocator_take(void *arena, size_t size)
{
    return wire_arena_take(arena, size);
}

/* Blocks go when the arena is reset. */
static void allocator_drop(void *arena, void *block)
{
    (void)arena;
    (void)block;
}

enum err wire_arena_init(struct wire_arena *a, size_t max)
{
    *a = (struct wire_arena){
        .data = malloc(max),
        .max = max,
        .allocator = {.alloc = allocator_take, .free = allocator_drop, .allocator_data = a},
    };
    return a->data != NULL ? ERR_OK : ERR_NOMEM;
}

void wire_arena_clear(struct wire_arena *a)
{
    free(a->data);
    *a = (struct wire_arena){0};
}

void wire_arena_reset(struct wire_arena *a)
{
    a->used = 0;
    a->exhausted = false;
}

void *wire_arena_take(struct wire_arena *a, size_t size)
{
    const size_t left = a->max - a->used;
    if (left < HEADER || size > left - HEADER) {
        a->exhausted = true;
        return NULL;
    }
    unsigned char *header = a->data + a->used;
    memcpy(header, &size, sizeof(size));
    const size_t whole = HEADER + (size + ALIGN - 1) / ALIGN * ALIGN;
    a->used = whole < left ? a->used + whole : a->max;
    return header + HEADER;
}

struct span wire_arena_text(const char *unpacked)
{
    if (unpacked == protobuf_c_empty_string) {
        return (struct span){0};
    }
    size_t size = 0;
    memcpy(&size, unpacked - HEADER, sizeof(size));
    return (struct span){unpacked, size - 1};
}
