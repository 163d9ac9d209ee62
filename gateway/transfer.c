#include "gateway/transfer.h"

#include "base/clock.h"
#include "base/log.h"
#include "gateway/counters.h"
#include "gateway/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct transfer {
    h2o_generator_t super; /* first: libh2o hands it back */
    struct exchange *exchange;
    struct list by_age; /* in loop->transfers */
    int64_t since_ms;
    int fd;
    uint64_t offset, left;
    char *chunk; /* owned */
    size_t chunk_size;
};

static void on_end(struct exchange *x)
{
    struct transfer *t = x->state;
    list_remove(&t->by_age);
    free(t->chunk);
    (void)close(t->fd);
}

static ssize_t read_chunk(struct transfer *t)
{
    const size_t want = t->left < t->chunk_size ? (size_t)t->left : t->chunk_size;
    for (;;) {
        const ssize_t got = pread(t->fd, t->chunk, want, (off_t)t->offset);
        if (got >= 0 || errno != EINTR) {
            return got;
        }
    }
}

static void send_next(h2o_generator_t *self, h2o_req_t *req)
{
    struct transfer *t = (struct transfer *)self;
    struct gateway_loop *loop = t->exchange->loop;
    const ssize_t got = read_chunk(t);
    t->since_ms = clock_mono_ms();
    list_remove(&t->by_age);
    list_append(&loop->transfers, &t->by_age);
    if (got <= 0) {
        log_warn("file.read", "%s", got == 0 ? "shorter than it was" : strerror(errno));
        req->http1_is_persistent = 0; /* a short body must not look like a whole one */
        h2o_send(req, NULL, 0, H2O_SEND_STATE_ERROR);
        return;
    }
    t->offset += (uint64_t)got;
    t->left -= (uint64_t)got;
    metrics_add(loop->counters, COUNT_FILE_BYTES, got);
    h2o_iovec_t bytes = h2o_iovec_init(t->chunk, (size_t)got);
    h2o_send(req, &bytes, 1, t->left == 0 ? H2O_SEND_STATE_FINAL : H2O_SEND_STATE_IN_PROGRESS);
}

void transfer_start(struct exchange *x, int fd, uint64_t offset, uint64_t len)
{
    struct transfer *t = exchange_alloc(x, sizeof *t);
    t->super.proceed = send_next;
    t->exchange = x;
    t->fd = fd;
    t->offset = offset;
    t->left = len;
    t->chunk_size = len < TRANSFER_CHUNK_BYTES ? (size_t)len : TRANSFER_CHUNK_BYTES;
    t->chunk = h2o_mem_alloc(t->chunk_size);
    list_init(&t->by_age);
    x->state = t;
    x->on_end = on_end;
    x->req->res.content_length = (size_t)len;
    h2o_start_response(x->req, &t->super);
    send_next(&t->super, x->req);
}

void transfers_tick(struct gateway_loop *loop, int64_t now_ms)
{
    while (!list_empty(&loop->transfers)) {
        struct transfer *t = LIST_ENTRY(loop->transfers.next, struct transfer, by_age);
        if (now_ms - t->since_ms < TRANSFER_STUCK_MS) {
            return;
        }
        h2o_conn_t *conn = t->exchange->req->conn;
        list_remove(&t->by_age);
        (void)shutdown(h2o_socket_get_fd(conn->callbacks->get_socket(conn)), SHUT_RDWR);
    }
}
