#include "gateway/linger.h"

#include "base/clock.h"
#include "gateway/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DISCARD_BYTES = 65536 /* read at a time; the loop turns in between */ };

struct lingering {
    struct gateway_loop *loop;
    struct list by_age; /* in loop->lingers, the oldest first */
    h2o_socket_t *sock; /* owned: has the descriptor */
    int64_t until_ms;
    size_t bytes;
};

static void end(struct lingering *l)
{
    list_remove(&l->by_age);
    l->loop->lingers_count--;
    h2o_socket_read_stop(l->sock);
    h2o_socket_close(l->sock);
    free(l);
}

static void on_readable(h2o_socket_t *sock, const char *err)
{
    char discarded[DISCARD_BYTES];
    struct lingering *l = sock->data;
    const ssize_t got = err == NULL ? read(h2o_socket_get_fd(sock), discarded, DISCARD_BYTES) : 0;
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    l->bytes += got > 0 ? (size_t)got : 0;
    if (got <= 0 || l->bytes > LINGER_BYTES_MAX) {
        end(l);
    }
}

void linger_after(struct exchange *x)
{
    h2o_socket_t *sock = x->req->conn->callbacks->get_socket(x->req->conn);
    if (x->linger_fd < 0 && x->loop->lingers_count < LINGER_MAX && !x->loop->draining) {
        x->linger_fd = fcntl(h2o_socket_get_fd(sock), F_DUPFD_CLOEXEC, 0);
    }
}

void linger_begin(struct exchange *x)
{
    struct gateway_loop *loop = x->loop;
    const int fd = x->linger_fd;
    x->linger_fd = -1;
    struct lingering *l = loop->lingers_count < LINGER_MAX ? calloc(1, sizeof *l) : NULL;
    if (l == NULL || loop->draining) {
        free(l);
        (void)close(fd);
        return;
    }
    (void)shutdown(fd, SHUT_WR);
    *l = (struct lingering){.loop = loop, .until_ms = clock_mono_ms() + LINGER_MS};
    list_append(&loop->lingers, &l->by_age);
    loop->lingers_count++;
    l->sock = h2o_evloop_socket_create(loop->h2o.loop, fd, H2O_SOCKET_FLAG_DONT_READ);
    l->sock->data = l;
    h2o_socket_read_start(l->sock, on_readable);
}

void lingers_tick(struct gateway_loop *loop, int64_t now_ms)
{
    while (!list_empty(&loop->lingers)) {
        struct lingering *l = LIST_ENTRY(loop->lingers.next, struct lingering, by_age);
        if (l->until_ms > now_ms) {
            return;
        }
        end(l);
    }
}

void lingers_close(struct gateway_loop *loop)
{
    lingers_tick(loop, INT64_MAX);
}
