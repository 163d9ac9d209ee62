/* Linger: a reply to somebody who is still sending, and will not be read any further.
 *
 * libh2o closes at once. What the client sends after that is answered by a reset, which may
 * overtake the reply on its way: the client then sees a broken connection in place of 413. So the
 * connection is held by a second descriptor: our side is shut, and what comes is thrown away until
 * the client has closed, or a limit is reached (RFC 9112 §9.6).
 *
 * Owner: the loop. Thread: its own. */
#ifndef LONGHAUL_GATEWAY_LINGER_H
#define LONGHAUL_GATEWAY_LINGER_H

#include "gateway/exchange.h"

#include <stdint.h>

enum {
    LINGER_MS = 2000,            /* a client that reads its reply needs less */
    LINGER_BYTES_MAX = 16 << 20, /* thrown away for one connection */
    LINGER_MAX = 64,             /* at a time on a loop; others are closed at once */
};

/* Before a reply after which the connection is closed: hold it when the request is over. */
void linger_after(struct exchange *x);
/* The request is over; for exchange.c. */
void linger_begin(struct exchange *x);

void lingers_tick(struct gateway_loop *loop, int64_t now_ms);
void lingers_close(struct gateway_loop *loop);

#endif
