/* Key ring: the keys of --jwt-jwks-file or --jwt-secret-file as the file has them now.
 *
 * One thread, which may block, looks at the file every KEY_RING_LOOK_MS and loads it when it is
 * another one; loops hold the keys that were good last. A file that is missing or wrong changes
 * nothing and is logged once.
 *
 * Threads: key_ring_look by one; key_ring_hold by any (a mutex, held for one look). */
#ifndef LONGHAUL_GATEWAY_KEY_RING_H
#define LONGHAUL_GATEWAY_KEY_RING_H

#include "base/metrics.h"
#include "gateway/jwt_keys.h"

enum { KEY_RING_LOOK_MS = 1000 };

struct key_ring;

/* Reads the file once, for --check-config. */
MUST_CHECK enum err key_file_check(const char *path, const struct jwt_policy *policy,
                                   struct buf *message);
/* `path` and `policy` are borrowed. The first load must succeed: the reason was logged. */
MUST_CHECK enum err key_ring_open(const char *path, const struct jwt_policy *policy,
                                  struct metrics *counters, struct key_ring **out);
void key_ring_close(struct key_ring **ring); /* NULL inside is fine */
void key_ring_look(struct key_ring *ring);
struct jwt_keys *key_ring_hold(struct key_ring *ring); /* release it with jwt_keys_release */

#endif
