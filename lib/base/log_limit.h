/* Log limit: so many lines of one kind in a while, and then how many were left out.
 *
 * For what strangers can cause as often as they like: a peer that sends nonsense must fill neither
 * the disk nor the time of a loop. Zeroed, it is ready. Its owner's thread only. Times in ms. */
#ifndef LONGHAUL_BASE_LOG_LIMIT_H
#define LONGHAUL_BASE_LOG_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

enum {
    LOG_LIMIT_LINES = 10, /* enough to see what is wrong, and with how many */
    LOG_LIMIT_MS = 10000, /* in so long */
};

struct log_limit {
    int64_t since_ms; /* when the present while began; 0: never */
    uint32_t said;
    uint64_t left_out;
};

/* May a line be written now? If so, *left_out is how many were not since the last one that was. */
bool log_limit_pass(struct log_limit *l, int64_t now_ms, uint64_t *left_out);

#endif
