#include "gateway/zmq_port.h"

#include "base/log.h"
#include "wire/wire.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

struct zmq_setting {
    int option;
    int value;
};

/* IMMEDIATE: a DEALER queues nothing for a broker that is not connected; the caller must know. */
static const struct zmq_setting zmq_settings[] = {
    {ZMQ_LINGER, 0},           {ZMQ_SNDHWM, ZMQ_HWM},         {ZMQ_RCVHWM, ZMQ_HWM},
    {ZMQ_IMMEDIATE, 1},        {ZMQ_RECONNECT_IVL, 50},       {ZMQ_RECONNECT_IVL_MAX, 1000},
    {ZMQ_HEARTBEAT_IVL, 2000}, {ZMQ_HEARTBEAT_TIMEOUT, 6000}, {ZMQ_HANDSHAKE_IVL, 5000},
    {ZMQ_TCP_KEEPALIVE, 1},
};

static bool is_readable(const struct zmq_port *port)
{
    int events = 0;
    size_t len = sizeof events;
    return zmq_getsockopt(port->socket, ZMQ_EVENTS, &events, &len) == 0 &&
           (events & ZMQ_POLLIN) != 0;
}

/* Reads one message; true if there was one. */
static bool read_message(struct zmq_port *port)
{
    zmq_msg_t frame;
    size_t parts = 0;
    bool more = true;
    while (more) {
        (void)zmq_msg_init(&frame);
        if (zmq_msg_recv(&frame, port->socket, ZMQ_DONTWAIT) < 0) {
            (void)zmq_msg_close(&frame);
            return false;
        }
        parts++;
        more = zmq_msg_more(&frame) != 0;
        if (!more && parts == port->parts) {
            const struct span bytes = {zmq_msg_data(&frame), zmq_msg_size(&frame)};
            port->on_frame(port->context, bytes);
        }
        (void)zmq_msg_close(&frame);
    }
    return true;
}

static void drain(struct zmq_port *port)
{
    size_t taken = 0;
    while (port->socket != NULL && is_readable(port)) {
        while (taken < ZMQ_DRAIN_MAX && port->socket != NULL && read_message(port)) {
            taken++;
        }
        if (taken >= ZMQ_DRAIN_MAX) {
            if (!h2o_timeout_is_linked(&port->again)) {
                h2o_timeout_link(port->loop, port->soon, &port->again);
            }
            return;
        }
    }
}

void zmq_port_recheck(struct zmq_port *port)
{
    if (!port->draining) {
        port->draining = true;
        drain(port);
        port->draining = false;
    }
}

static void on_watch(h2o_socket_t *sock, const char *err)
{
    (void)err;
    zmq_port_recheck(sock->data);
}

static void on_again(h2o_timeout_entry_t *entry)
{
    zmq_port_recheck(OWNER_OF(struct zmq_port, again, entry));
}

static enum err refuse(const char *what)
{
    log_error("zmq.failed", "%s: %s", what, zmq_strerror(zmq_errno()));
    return ERR_IO;
}

static enum err set_up(struct zmq_port *port, const struct zmq_port_config *config)
{
    for (size_t i = 0; i < sizeof zmq_settings / sizeof zmq_settings[0]; i++) {
        const struct zmq_setting *s = &zmq_settings[i];
        if (zmq_setsockopt(port->socket, s->option, &s->value, sizeof s->value) != 0) {
            return refuse("setsockopt");
        }
    }
    const int64_t message_max = WIRE_PACKET_MAX;
    if (zmq_setsockopt(port->socket, ZMQ_MAXMSGSIZE, &message_max, sizeof message_max) != 0) {
        return refuse("setsockopt");
    }
    for (size_t i = 0; i < config->endpoints_count; i++) {
        if (zmq_connect(port->socket, config->endpoints[i]) != 0) {
            return refuse(config->endpoints[i]);
        }
    }
    return ERR_OK;
}

enum err zmq_port_open(struct zmq_port *port, const struct zmq_port_config *config,
                       h2o_loop_t *loop, h2o_timeout_t *soon)
{
    *port = (struct zmq_port){
        .loop = loop,
        .soon = soon,
        .again.cb = on_again,
        .parts = config->parts,
        .on_frame = config->on_frame,
        .context = config->context,
        .socket = zmq_socket(config->zmq, config->type),
    };
    if (port->socket == NULL) {
        return refuse("socket");
    }
    TRY(set_up(port, config));
    int fd = -1;
    size_t len = sizeof fd;
    if (zmq_getsockopt(port->socket, ZMQ_FD, &fd, &len) != 0) {
        return refuse("ZMQ_FD");
    }
    fd = dup(fd); /* h2o closes what it watches */
    if (fd < 0) {
        log_error("zmq.failed", "dup: %s", strerror(errno));
        return ERR_IO;
    }
    port->watch = h2o_evloop_socket_create(loop, fd, H2O_SOCKET_FLAG_DONT_READ);
    port->watch->data = port;
    h2o_socket_read_start(port->watch, on_watch);
    zmq_port_recheck(port);
    return ERR_OK;
}

void zmq_port_close(struct zmq_port *port)
{
    if (port->watch != NULL) {
        h2o_socket_close(port->watch);
    }
    if (h2o_timeout_is_linked(&port->again)) {
        h2o_timeout_unlink(&port->again);
    }
    if (port->socket != NULL) {
        (void)zmq_close(port->socket);
    }
    port->watch = NULL;
    port->socket = NULL;
}

enum err zmq_port_send(struct zmq_port *port, struct span frame)
{
    for (;;) {
        if (zmq_send(port->socket, frame.ptr, frame.len, ZMQ_DONTWAIT) >= 0) {
            return ERR_OK;
        }
        if (zmq_errno() != EINTR) {
            return ERR_FULL;
        }
    }
}

enum err zmq_port_subscribe(struct zmq_port *port, struct span topic)
{
    if (zmq_setsockopt(port->socket, ZMQ_SUBSCRIBE, topic.ptr, topic.len) != 0) {
        return refuse("subscribe");
    }
    return ERR_OK;
}

void zmq_port_unsubscribe(struct zmq_port *port, struct span topic)
{
    (void)zmq_setsockopt(port->socket, ZMQ_UNSUBSCRIBE, topic.ptr, topic.len);
}
