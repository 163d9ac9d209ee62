/* Listen address: "127.0.0.1:8080" or "[::1]:8080" -> a socket address. Names are not looked up. */
#ifndef LONGHAUL_CORE_LISTEN_ADDRESS_H
#define LONGHAUL_CORE_LISTEN_ADDRESS_H

#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct listen_address {
    struct sockaddr_storage socket; /* AF_INET or AF_INET6, ready for bind(2) */
    socklen_t socket_len;
    uint16_t port; /* 0: the system chooses */
};

/* ERR_INVALID for anything else: no port, a name, an IPv6 address without brackets, a zone. */
MUST_CHECK enum err listen_address_parse(struct span text, struct listen_address *out);
/* 127.0.0.0/8, ::1 and ::ffff:127.0.0.0/104: reachable from this machine only. */
bool listen_address_loopback(const struct listen_address *a);

#endif
