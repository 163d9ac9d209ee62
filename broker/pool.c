#include "broker/pool.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { SLAB_PIECES = 256, ALIGNMENT = 16 };

/* Copies, because the word lives in memory that has the type of the pieces. */
static void *chain_next(const void *piece)
{
    void *next;
    memcpy(&next, piece, sizeof next);
    return next;
}

static void chain_push(void **chain, void *piece)
{
    memcpy(piece, chain, sizeof *chain);
    *chain = piece;
}

void pool_init(struct pool *p, size_t piece_bytes, size_t pieces_max)
{
    const size_t rounded = (piece_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    *p = (struct pool){.piece_bytes = rounded, .pieces_max = pieces_max};
}

void pool_clear(struct pool *p)
{
    while (p->slabs != NULL) {
        void *next = chain_next(p->slabs);
        free(p->slabs);
        p->slabs = next;
    }
    p->free = NULL;
    p->made = p->used = 0;
}

static void grow(struct pool *p)
{
    const size_t room = p->pieces_max - p->made;
    const size_t count = room < SLAB_PIECES ? room : SLAB_PIECES;
    char *slab = count == 0 ? NULL : malloc(ALIGNMENT + count * p->piece_bytes);
    if (slab == NULL) {
        return;
    }
    chain_push(&p->slabs, slab);
    for (size_t i = count; i > 0; i--) {
        chain_push(&p->free, slab + ALIGNMENT + (i - 1) * p->piece_bytes);
    }
    p->made += count;
}

void *pool_take(struct pool *p)
{
    if (p->free == NULL) {
        grow(p);
    }
    void *taken = p->free;
    if (taken != NULL) {
        p->free = chain_next(taken);
        p->used++;
    }
    return taken;
}

void pool_give(struct pool *p, void *piece)
{
    assert(p->used > 0);
    p->used--;
    chain_push(&p->free, piece);
}
