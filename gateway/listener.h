/* Listener: one SO_REUSEPORT socket of one loop.
 *
 * At its share of the connection cap it stops reading, so that the kernel's backlog holds further
 * clients instead of the loop spinning on EMFILE.
 *
 * Owner: the loop. */
#ifndef LONGHAUL_GATEWAY_LISTENER_H
#define LONGHAUL_GATEWAY_LISTENER_H

#include "base/err.h"
#include "base/metrics.h"
#include "gateway/h2o_loop.h"

enum { ACCEPTS_A_TURN = 32, LISTEN_BACKLOG = 4096 };

struct listener {
    h2o_accept_ctx_t accept;
    h2o_hostconf_t *hosts[2]; /* the one host of this listener, NULL */
    h2o_socket_t *sock;
    size_t connections, connections_max;
    struct metrics *counters;
};

/* SO_REUSEPORT would silently share a port with another gateway: is it free? ERR_IO: logged. */
MUST_CHECK enum err listener_probe(const char *address);
/* A bound, listening descriptor. ERR_IO: errno is set, the reason was logged. */
MUST_CHECK enum err listener_bind(const char *address, int *fd_out);

/* Takes `fd`. */
void listener_open(struct listener *l, int fd, h2o_context_t *context, h2o_hostconf_t *host,
                   size_t connections_max, struct metrics *counters);
/* Each tick: reads again if it stopped because descriptors had run out. */
void listener_tick(struct listener *l);
/* Takes in what waits in the backlog, then closes: those clients get an answer. */
void listener_close(struct listener *l);

#endif
