/* Ids: job ids and random bytes.
 *
 * A job id is 27 characters of Crockford's base32 in lower case (no i, l, o, u):
 *
 *     SS TTTTTTTTT RRRRRRRRRRRRRRRR
 *     |  |         80 random bits
 *     |  45 bits of wall-clock milliseconds, so that ids sort by age
 *     shard, 10 bits
 *
 * Clients treat it as opaque; only this module looks inside. */
#ifndef LONGHAUL_BASE_IDS_H
#define LONGHAUL_BASE_IDS_H

#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JOB_ID_LEN = 27, JOB_ID_SIZE = JOB_ID_LEN + 1, SHARD_MAX = 1023, IDS_POOL_SIZE = 2048 };

/* A pool of random bytes from the kernel, so that an id does not cost a system call. One per
 * thread. A used byte is wiped. */
struct id_source {
    unsigned char pool[IDS_POOL_SIZE];
    size_t used;
};

void id_source_init(struct id_source *s);
void id_source_bytes(struct id_source *s, void *out, size_t len); /* len <= IDS_POOL_SIZE */
uint64_t id_source_u64(struct id_source *s);

/* Writes a new id and a NUL. `shard` <= SHARD_MAX. */
void job_id_new(struct id_source *s, unsigned shard, int64_t wall_ms, char out[JOB_ID_SIZE]);
bool job_id_valid(struct span id);
unsigned job_id_shard(struct span id);  /* of a valid id */
int64_t job_id_wall_ms(struct span id); /* of a valid id: when it was made */
/* The text that sorts before every id made at that moment or later. */
void job_id_floor(unsigned shard, int64_t wall_ms, char out[JOB_ID_SIZE]);

/* Lower-case hex of `len` bytes and a NUL: out has 2 * len + 1 bytes. */
void hex_encode(const void *data, size_t len, char *out);

#endif
