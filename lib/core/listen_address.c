#include "core/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static enum err parse_port(struct span text, uint16_t *out)
{
    uint64_t n = 0;
    if (span_to_u64(text, &n) != ERR_OK || n > UINT16_MAX) {
        return ERR_INVALID;
    }
    *out = (uint16_t)n;
    return ERR_OK;
}

static enum err set_v4(const char *host, struct listen_address *out)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(out->port)};
    if (inet_pton(AF_INET, host, &in.sin_addr) != 1) {
        return ERR_INVALID;
    }
    memcpy(&out->socket, &in, sizeof in);
    out->socket_len = sizeof in;
    return ERR_OK;
}

static enum err set_v6(const char *host, struct listen_address *out)
{
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(out->port)};
    if (inet_pton(AF_INET6, host, &in6.sin6_addr) != 1) {
        return ERR_INVALID;
    }
    memcpy(&out->socket, &in6, sizeof in6);
    out->socket_len = sizeof in6;
    return ERR_OK;
}

enum err listen_address_parse(struct span text, struct listen_address *out)
{
    *out = (struct listen_address){.socket_len = 0};
    size_t colon = text.len;
    while (colon > 0 && text.ptr[colon - 1] != ':') {
        colon--;
    }
    if (colon < 2) {
        return ERR_INVALID;
    }
    struct span host = {text.ptr, colon - 1};
    TRY(parse_port((struct span){text.ptr + colon, text.len - colon}, &out->port));
    const bool v6 = host.ptr[0] == '[';
    if (v6) {
        if (host.len < 2 || host.ptr[host.len - 1] != ']') {
            return ERR_INVALID;
        }
        host = (struct span){host.ptr + 1, host.len - 2};
    }
    char name[INET6_ADDRSTRLEN];
    if (span_copy(host, name, sizeof name) != ERR_OK) {
        return ERR_INVALID;
    }
    return v6 ? set_v6(name, out) : set_v4(name, out);
}

static bool loopback_v4(const unsigned char bytes[4])
{
    return bytes[0] == 127;
}

bool listen_address_loopback(const struct listen_address *a)
{
    if (a->socket.ss_family == AF_INET) {
        struct sockaddr_in in;
        unsigned char bytes[4];
        memcpy(&in, &a->socket, sizeof in);
        memcpy(bytes, &in.sin_addr, sizeof bytes);
        return loopback_v4(bytes);
    }
    if (a->socket.ss_family != AF_INET6) {
        return false;
    }
    struct sockaddr_in6 in6;
    memcpy(&in6, &a->socket, sizeof in6);
    return IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr) ||
           (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr) && loopback_v4(in6.sin6_addr.s6_addr + 12));
}
