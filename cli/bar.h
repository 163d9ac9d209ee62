/* Bar: the text of a progress bar and of its parts. Pure: no terminal, no clock.
 *
 *     fetching  58% [===========>        ] 612.0 MiB/1.03 GiB  35.1 MiB/s  ETA 0:18 */
#ifndef LONGHAUL_CLI_BAR_H
#define LONGHAUL_CLI_BAR_H

#include "base/buf.h"
#include "base/span.h"

#include <stddef.h>
#include <stdint.h>

/* Unknown numbers are -1. */
struct bar {
    struct span label; /* ours, or plain text */
    int percent;
    uint64_t done_bytes;
    int64_t total_bytes;
    int64_t bytes_per_s;
    int64_t eta_s;
};

enum { BAR_CELLS_MAX = 40, BAR_WIDTH_MIN = 20 };

/* Appends 1 line without its end, at most `width` columns. What does not fit is left out from the
 * right; the bar itself shrinks first. The error sticks in `out`. */
void bar_write(const struct bar *b, size_t width, struct buf *out);
/* "0 B", "1023 B", "1.00 KiB", "35.1 MiB": three figures. */
void bar_write_size(uint64_t bytes, struct buf *out);
/* "0:07", "12:05", "1:02:03", "2d 03h". */
void bar_write_duration(int64_t seconds, struct buf *out);

#endif
