#include "gateway/listener.h"

#include "base/log.h"
#include "core/listen_address.h"
#include "gateway/counters.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void on_accept(h2o_socket_t *sock, const char *err);

static void on_connection_closed(void *data)
{
    struct listener *l = data;
    metrics_add(l->counters, COUNT_CONNECTIONS, -1);
    l->connections--;
    if (l->sock != NULL && !h2o_socket_is_reading(l->sock)) {
        h2o_socket_read_start(l->sock, on_accept);
    }
}

static bool accept_one(struct listener *l)
{
    h2o_socket_t *sock = h2o_evloop_socket_accept(l->sock);
    if (sock == NULL) {
        return false;
    }
    l->connections++;
    metrics_add(l->counters, COUNT_CONNECTIONS, 1);
    sock->on_close.cb = on_connection_closed;
    sock->on_close.data = l;
    h2o_accept(&l->accept, sock);
    return true;
}

static void on_accept(h2o_socket_t *sock, const char *err)
{
    struct listener *l = sock->data;
    if (err != NULL) {
        return;
    }
    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
        if (l->connections >= l->connections_max) {
            h2o_socket_read_stop(l->sock);
            return;
        }
        errno = 0;
        if (!accept_one(l)) {
            if (errno == EMFILE || errno == ENFILE) {
                h2o_socket_read_stop(l->sock); /* until the next tick: it would only spin */
            }
            return;
        }
    }
}

void listener_tick(struct listener *l)
{
    if (l->sock != NULL && !h2o_socket_is_reading(l->sock) && l->connections < l->connections_max) {
        h2o_socket_read_start(l->sock, on_accept);
    }
}

static enum err refuse(const char *address, const char *what, int fd)
{
    const int saved = errno;
    log_error("listen.failed", "%s %s: %s", what, address, strerror(saved));
    if (fd >= 0) {
        (void)close(fd);
    }
    errno = saved;
    return ERR_IO;
}

static enum err bind_socket(const char *text, bool shared, int *fd_out)
{
    struct listen_address address;
    const int on = 1;
    TRY(listen_address_parse(span_of(text), &address));
    const int fd = socket(address.socket.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        (shared && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)) {
        return refuse(text, "socket", fd);
    }
    if (bind(fd, (const struct sockaddr *)&address.socket, address.socket_len) != 0) {
        return refuse(text, "bind", fd);
    }
    *fd_out = fd;
    return ERR_OK;
}

enum err listener_probe(const char *text)
{
    int fd;
    TRY(bind_socket(text, false, &fd));
    (void)close(fd);
    return ERR_OK;
}

enum err listener_bind(const char *text, int *fd_out)
{
    int fd;
    TRY(bind_socket(text, true, &fd));
    if (listen(fd, LISTEN_BACKLOG) != 0) {
        return refuse(text, "listen", fd);
    }
    *fd_out = fd;
    return ERR_OK;
}

void listener_open(struct listener *l, int fd, h2o_context_t *context, h2o_hostconf_t *host,
                   size_t connections_max, struct metrics *counters)
{
    l->hosts[0] = host;
    l->hosts[1] = NULL;
    l->accept = (h2o_accept_ctx_t){.ctx = context, .hosts = l->hosts};
    l->connections_max = connections_max;
    l->counters = counters;
    l->sock = h2o_evloop_socket_create(context->loop, fd, H2O_SOCKET_FLAG_DONT_READ);
    l->sock->data = l;
    h2o_socket_read_start(l->sock, on_accept);
}

void listener_close(struct listener *l)
{
    if (l->sock == NULL) {
        return;
    }
    for (int i = 0; i < LISTEN_BACKLOG && l->connections < l->connections_max; i++) {
        if (!accept_one(l)) {
            break;
        }
    }
    h2o_socket_t *sock = l->sock;
    l->sock = NULL; /* connections that close now must not start it again */
    h2o_socket_read_stop(sock);
    h2o_socket_close(sock);
}
