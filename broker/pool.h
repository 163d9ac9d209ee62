/* Pool: equal pieces of memory with a maximum, reused without malloc. Pieces come from slabs that
 * stay until pool_clear, so a pointer into one never dangles. One thread. */
#ifndef LONGHAUL_BROKER_POOL_H
#define LONGHAUL_BROKER_POOL_H

#include <stddef.h>

struct pool {
    size_t piece_bytes;
    size_t pieces_max;
    size_t made, used;
    void *free;  /* chain through the first word */
    void *slabs; /* likewise */
};

void pool_init(struct pool *p, size_t piece_bytes, size_t pieces_max);
void pool_clear(struct pool *p);
void *pool_take(struct pool *p); /* not zeroed; NULL at the maximum or without memory */
void pool_give(struct pool *p, void *piece);

#endif
