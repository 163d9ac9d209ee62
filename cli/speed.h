/* Speed: bytes a second over the last few seconds, and from it the time that is left. Pure. */
#ifndef LONGHAUL_CLI_SPEED_H
#define LONGHAUL_CLI_SPEED_H

#include <stddef.h>
#include <stdint.h>

enum {
    SPEED_SAMPLES = 16,
    SPEED_SPACING_MS = 400, /* samples closer than that replace each other: a window of 6 s */
};

struct speed {
    int64_t at_ms[SPEED_SAMPLES];
    uint64_t bytes[SPEED_SAMPLES];
    size_t count;
};

void speed_init(struct speed *s);
/* `bytes` done so far, at `now_ms` of a steady clock. Fewer bytes than before begin anew. */
void speed_add(struct speed *s, uint64_t bytes, int64_t now_ms);
int64_t speed_bytes_per_s(const struct speed *s); /* -1: not known yet */
/* Seconds, rounded up; -1: not known. */
int64_t speed_eta_s(const struct speed *s, uint64_t done, int64_t total);

#endif
