/* ZeroMQ port: one ZeroMQ socket on an h2o loop.
 *
 * ZMQ_FD is edge-triggered, and a send may swallow the edge that announced a message: after every
 * send the owner calls zmq_port_recheck, and a drain that stops at its budget comes back by timer.
 *
 * Owner: the loop; all calls on its thread. */
#ifndef LONGHAUL_GATEWAY_ZMQ_PORT_H
#define LONGHAUL_GATEWAY_ZMQ_PORT_H

#include "base/err.h"
#include "base/span.h"
#include "gateway/h2o_loop.h"

#include <stdbool.h>
#include <stddef.h>

enum { ZMQ_DRAIN_MAX = 256, ZMQ_HWM = 20000 };

/* The last frame of a message that had `parts` of them; other messages are dropped. */
typedef void zmq_port_on_frame(void *context, struct span frame);

struct zmq_port {
    void *socket;
    h2o_loop_t *loop;
    h2o_timeout_t *soon; /* borrowed: a short timeout of the loop */
    h2o_socket_t *watch;
    h2o_timeout_entry_t again;
    size_t parts;
    zmq_port_on_frame *on_frame;
    void *context;
    bool draining; /* on_frame may call zmq_port_recheck: the loop around it goes on anyway */
};

struct zmq_port_config {
    void *zmq; /* ZeroMQ context */
    int type;  /* ZMQ_DEALER, ZMQ_SUB */
    size_t parts;
    const char *const *endpoints;
    size_t endpoints_count;
    zmq_port_on_frame *on_frame;
    void *context;
};

/* ERR_IO: the reason was logged. */
MUST_CHECK enum err zmq_port_open(struct zmq_port *port, const struct zmq_port_config *config,
                                  h2o_loop_t *loop, h2o_timeout_t *soon);
void zmq_port_close(struct zmq_port *port);

/* One frame, copied. ERR_FULL: the peer is not there or does not take more now. */
MUST_CHECK enum err zmq_port_send(struct zmq_port *port, struct span frame);
MUST_CHECK enum err zmq_port_subscribe(struct zmq_port *port, struct span topic);
void zmq_port_unsubscribe(struct zmq_port *port, struct span topic);
/* Takes what has arrived, also when no edge says so. Call it after each send. */
void zmq_port_recheck(struct zmq_port *port);

#endif
