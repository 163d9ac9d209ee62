/* Idlers: client connections that hold a place of their listener and ask for nothing.
 *
 * libh2o has one timer for them, from the end of a reply (or from accepting) until the next request
 * is complete, and closes without a word when it is over. It is --idle-timeout-s, long enough that
 * a proxy in front closes first. What that is too long for is looked at here:
 *
 *   - a request must be complete REQUEST_READ_MS after its first byte (slow senders);
 *   - a listener without a place closes connections that are between two requests, those first
 *     that came first, so that who is idle keeps nobody out.
 *
 * Thread: the loop's. */
#ifndef LONGHAUL_GATEWAY_IDLERS_H
#define LONGHAUL_GATEWAY_IDLERS_H

#include <stdint.h>

struct gateway_loop;

enum {
    REQUEST_READ_MS = 20000,
    IDLERS_LOOK_MS = 1000, /* a look walks all connections; at each tick if a listener is full */
    /* Closed in a look at a full listener: one in IDLERS_SHARE of its places, but never more. */
    IDLERS_SHARE = 16,
    IDLERS_CLOSED_MAX = 64,
};

void idlers_tick(struct gateway_loop *loop, int64_t now_ms);

#endif
