/* Sockets: the broker's two ZeroMQ sockets, bound, with every default that matters set. */
#ifndef LONGHAUL_BROKER_SOCKETS_H
#define LONGHAUL_BROKER_SOCKETS_H

#include "base/err.h"

#include "broker/zeromq.h"

enum {
    SOCKET_HWM_PACKETS = 1000, /* a peer that far behind loses packets; each is small as a rule */
    EVENTS_HWM = 20000,        /* events of some 200 bytes for a gateway that is slow */
    SOCKET_LINGER_MS = 500,
    SOCKET_HEARTBEAT_MS = 2000,
    SOCKET_HEARTBEAT_TIMEOUT_MS = 6000,
    SOCKET_HANDSHAKE_MS = 5000,
    SOCKET_BACKLOG = 1024,
};

/* ERR_IO: the endpoint cannot be bound; logged. */
MUST_CHECK enum err sockets_bind_requests(const char *endpoint, zsock_t **out);
MUST_CHECK enum err sockets_bind_events(const char *endpoint, zsock_t **out);

#endif
