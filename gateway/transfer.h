/* Transfer: one artifact on its way to a client, read in chunks as the client takes them.
 *
 * Owner: the exchange (its on_end). One buffer of at most TRANSFER_CHUNK_BYTES. A client that takes
 * no chunk for TRANSFER_STUCK_MS is cut off. */
#ifndef LONGHAUL_GATEWAY_TRANSFER_H
#define LONGHAUL_GATEWAY_TRANSFER_H

#include "gateway/exchange.h"

#include <stdint.h>

enum { TRANSFER_CHUNK_BYTES = 131072, TRANSFER_STUCK_MS = 60000 };

/* Takes `fd`. The reply's headers are complete but for Content-Length. `len` > 0. */
void transfer_start(struct exchange *x, int fd, uint64_t offset, uint64_t len);
void transfers_tick(struct gateway_loop *loop, int64_t now_ms);

#endif
