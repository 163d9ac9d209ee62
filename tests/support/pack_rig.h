/* Pack rig: phrases of tests about attempts that pack, on a worker rig. */
#ifndef LONGHAUL_SUPPORT_PACK_RIG_H
#define LONGHAUL_SUPPORT_PACK_RIG_H

#include "support/worker_rig.h"

enum { PACK_TIMEOUT_MS = 60000 };

/* With these further arguments, NULL at the end; NULL: none. */
void pack_start(struct worker_rig *r, const char *const *more);
struct attempt pack_spec(struct worker_rig *r, const struct job_spec *spec, uint32_t timeout_ms);
struct attempt pack_one(struct worker_rig *r, uint64_t file_id, enum job_format format);
struct attempt pack_list(struct worker_rig *r, const uint64_t *ids, size_t count,
                         enum job_format format);
/* The two arguments `ids` and `count`. */
#define PACK_IDS(...)                                                                              \
    (const uint64_t[]){__VA_ARGS__}, sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t)

/* Runs a shell script that must end well: $1 is the rig's folder, $2 the artifact of `a`, which may
 * be NULL. Heartbeats are answered meanwhile. */
void pack_check(struct worker_rig *r, const char *script, const struct attempt *a);
/* Completed; what the result says is what is stored. */
void pack_made(struct worker_rig *r, const struct attempt *a, const char *name, const char *type);
/* Failed with this code, and its message begins so. */
void pack_failed(struct worker_rig *r, const struct attempt *a, const char *code, bool retryable,
                 const char *message);
/* No file of any attempt is there, or will be there in a moment: it is deleted beside the loop. */
void pack_nothing_left(struct worker_rig *r);
/* Adds a file of bytes that do not shrink to the catalogue, before the worker starts. */
void pack_add_noise(struct worker_rig *r, uint64_t file_id, const char *mebibytes);

#endif
