#include "broker/sockets.h"

#include "base/log.h"
#include "wire/wire.h"

static void harden(zsock_t *s)
{
    zsock_set_maxmsgsize(s, WIRE_PACKET_MAX);
    zsock_set_linger(s, SOCKET_LINGER_MS);
    zsock_set_heartbeat_ivl(s, SOCKET_HEARTBEAT_MS);
    zsock_set_heartbeat_timeout(s, SOCKET_HEARTBEAT_TIMEOUT_MS);
    zsock_set_handshake_ivl(s, SOCKET_HANDSHAKE_MS);
    zsock_set_backlog(s, SOCKET_BACKLOG);
    zsock_set_tcp_keepalive(s, 1);
}

static enum err bind_or_destroy(const char *endpoint, zsock_t *s, zsock_t **out)
{
    /* zmq_bind, because zsock_bind takes its text as a format. */
    if (zmq_bind(zsock_resolve(s), endpoint) != 0) {
        log_error("socket.bind", "%s: %s", endpoint, zmq_strerror(zmq_errno()));
        zsock_destroy(&s);
        return ERR_IO;
    }
    *out = s;
    return ERR_OK;
}

enum err sockets_bind_requests(const char *endpoint, zsock_t **out)
{
    zsock_t *s = zsock_new(ZMQ_ROUTER);
    if (s == NULL) {
        return ERR_NOMEM;
    }
    harden(s);
    zsock_set_router_mandatory(s, 1);
    zsock_set_sndhwm(s, SOCKET_HWM_PACKETS);
    zsock_set_rcvhwm(s, SOCKET_HWM_PACKETS);
    return bind_or_destroy(endpoint, s, out);
}

enum err sockets_bind_events(const char *endpoint, zsock_t **out)
{
    zsock_t *s = zsock_new(ZMQ_XPUB);
    if (s == NULL) {
        return ERR_NOMEM;
    }
    harden(s);
    zsock_set_xpub_verbose(s, 1);
    zsock_set_sndhwm(s, EVENTS_HWM);
    return bind_or_destroy(endpoint, s, out);
}
