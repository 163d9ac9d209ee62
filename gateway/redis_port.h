/* Redis port: lets ports/redis_conn.h run on an h2o loop.
 *
 * Commands that one turn of the loop queues leave in one write at the end of that turn, without
 * waiting for the descriptor to be announced writable: on a local socket it always is.
 *
 * Owner: the loop; all on its thread. `context` must outlive the connection. */
#ifndef LONGHAUL_GATEWAY_REDIS_PORT_H
#define LONGHAUL_GATEWAY_REDIS_PORT_H

#include "gateway/h2o_loop.h"
#include "ports/redis_conn.h"

struct redis_loop redis_port_loop(h2o_context_t *context);

#endif
