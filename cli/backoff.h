/* Backoff: how long to wait before asking again: 1, 2, 5, 10, 15, 15 … seconds, as the service
 * recommends its clients. What the server asked for with Retry-After takes that place. Pure. */
#ifndef LONGHAUL_CLI_BACKOFF_H
#define LONGHAUL_CLI_BACKOFF_H

#include <stdint.h>

enum { BACKOFF_RETRY_AFTER_MAX_S = 300 }; /* no server parks a person for longer */

struct backoff {
    unsigned failures; /* in a row */
};

/* `retry_after_s`: -1 if the server did not say. Counts one failure. */
int64_t backoff_next_ms(struct backoff *b, int64_t retry_after_s);
void backoff_reset(struct backoff *b);

#endif
