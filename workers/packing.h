/* Packing: what happens to the bytes of one attempt between its sources and its sink.
 *
 *     loop:   source -> chunk being filled  ---put--->  task: chunk -> packer -> output
 *     loop:   sink  <---- output <-------------back----
 *
 * There are two chunks. One is filled while the other is with the pool; when both are full the
 * source must wait (packing_add says so). One step at a time and attempt goes to the pool, whose
 * queue is in order of arrival: attempts that pack at the same time take turns, chunk by chunk.
 * A step never waits for anything, so it is over within milliseconds.
 *
 * Memory: two chunks, one step's output (PACKER_OUTPUT_MAX at most), the compressor's state.
 *
 * The digest of each source is taken on the pool too. All calls belong to the loop's thread. */
#ifndef LONGHAUL_WORKERS_PACKING_H
#define LONGHAUL_WORKERS_PACKING_H

#include "base/err.h"
#include "base/span.h"
#include "core/job.h"
#include "core/job_error.h"
#include "core/transfer_rules.h"
#include "ports/packer.h"
#include "workers/pool.h"

#include <stdbool.h>
#include <stdint.h>

enum { PACKING_CHUNK_MAX = PACKER_WRITE_MAX }; /* no less than one call of a source's `bytes` */

struct packing;

/* `back` is called on the loop's thread when a step came back. `pool` is borrowed. ERR_NOMEM. */
MUST_CHECK enum err packing_new(enum job_format format, struct pool *pool,
                                void (*back)(void *context), void *context, struct packing **out);
void packing_destroy(struct packing **p); /* not while packing_busy */

/* ---- filling. begin and finish only while there is room. */

bool packing_room(const struct packing *p);
/* `e`, with its name, and `expect` are copied. Of a tar `e` has a size. */
void packing_begin(struct packing *p, const struct packer_entry *e,
                   const struct transfer_expect *expect, uint64_t file_id);
bool packing_add(struct packing *p, struct span bytes); /* false: no room, nothing was taken */
void packing_end(struct packing *p);
void packing_finish(struct packing *p); /* no more files */

/* ---- steps */

/* Hands what is ready to the pool, unless it has a step. */
void packing_put(struct packing *p);
bool packing_busy(const struct packing *p); /* a step is with the pool */
bool packing_held(const struct packing *p); /* what is ready waits for a step to end */
/* A step that still waits in the pool's queue does nothing. Packing is over. */
void packing_cancel(struct packing *p);

/* After `back`, before the next put: what went wrong, or what to store. */
struct job_fault packing_fault(const struct packing *p);
uint64_t packing_file_id(const struct packing *p); /* whose step that was */
struct span packing_output(const struct packing *p);
bool packing_finished(const struct packing *p); /* that was all of it */

#endif
