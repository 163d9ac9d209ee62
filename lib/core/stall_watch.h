/* Stall watch: notices a transfer that no longer moves.
 *
 * A window opens with the start and with each `step_bytes` that have come; when a window stays open
 * for `window_ms`, the transfer is stalled. Less than step_bytes in window_ms is therefore always
 * found, at the latest one window after it began. */
#ifndef LONGHAUL_CORE_STALL_WATCH_H
#define LONGHAUL_CORE_STALL_WATCH_H

#include <stdbool.h>
#include <stdint.h>

struct stall_watch {
    int64_t opened_ms;
    uint64_t opened_done;
};

void stall_watch_init(struct stall_watch *w, int64_t now_ms);
bool stall_watch_stalled(struct stall_watch *w, uint64_t done, int64_t now_ms, uint64_t step_bytes,
                         int64_t window_ms);

#endif
