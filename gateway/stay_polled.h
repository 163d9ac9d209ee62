/* Stay polled: a connection stays in the loop's epoll set while its request is answered.
 *
 * libh2o stops reading when it has a whole request and starts again after the reply. What changes
 * between two turns of the loop costs a system call each: one request that waits for Redis or a
 * broker, two calls of epoll_ctl. So reading is started again at once, but without reading: what
 * the request points to stands in the same buffer. Should the client send more before its reply
 * (pipelining, or its end), reading stops after all, until libh2o starts it.
 *
 * Thread: the socket's loop. */
#ifndef LONGHAUL_GATEWAY_STAY_POLLED_H
#define LONGHAUL_GATEWAY_STAY_POLLED_H

#include "gateway/h2o_loop.h"

/* When libh2o has handed a request over, so has stopped reading. */
void stay_polled_begin(h2o_socket_t *sock);
/* When the request is over, before libh2o reads the next one or closes. */
void stay_polled_end(h2o_socket_t *sock);

#endif
