/* Pack progress: how far an attempt that packs is, over all of its sources.
 *
 * Bytes are counted as sources give them, before they are packed. The total is known as soon as
 * every source has a size, by the catalogue or by its own word; until then it is unknown rather
 * than too small. The percentage never falls, and never says 100.
 *
 * The stage is PACKING while the packer holds up the sources for most of the time, and when only
 * the archive's end is missing; else FETCHING. */
#ifndef LONGHAUL_CORE_PACK_PROGRESS_H
#define LONGHAUL_CORE_PACK_PROGRESS_H

#include "core/job.h"
#include "core/progress_rate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pack_progress {
    size_t unknown; /* sources without a size yet */
    uint64_t known; /* bytes of the others; at most bytes_max */
    uint64_t bytes_max;
    int percent;  /* said last; -1 never */
    bool fetched; /* all sources are over */

    /* The present window of time, and what the last one showed. */
    bool held;
    int64_t held_since_ms, window_ms, held_ms;
    enum job_stage stage;
};

/* `bytes_max`: what all sources together may have. */
void pack_progress_init(struct pack_progress *p, size_t sources, uint64_t bytes_max,
                        int64_t now_ms);
/* A source's size is `now` bytes, where it was thought to be `before` (both -1: unknown). False,
 * and nothing is changed: that is more than all may have. */
MUST_CHECK bool pack_progress_size(struct pack_progress *p, int64_t before, int64_t now);
/* Whether the sources wait for the packer from now on. */
void pack_progress_held(struct pack_progress *p, bool held, int64_t now_ms);
void pack_progress_fetched(struct pack_progress *p);

int64_t pack_progress_total(const struct pack_progress *p); /* -1 unknown */
struct meter pack_progress_meter(struct pack_progress *p, const struct progress_rate *rate,
                                 uint64_t done, int64_t now_ms);

#endif
