#include "gateway/redis_port.h"

#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct redis_watch {
    h2o_context_t *context;
    h2o_socket_t *sock;
    h2o_timeout_entry_t flush; /* end of the turn */
    void (*ready)(void *arg, bool readable, bool writable);
    void *arg;
    bool want_write;
    bool proven;   /* it was writable once: connect(2) is over */
    unsigned busy; /* depth of `ready` */
    bool closed;   /* unwatched inside `ready`: free when it returns */
};

static void watch_free(struct redis_watch *w)
{
    if (h2o_timeout_is_linked(&w->flush)) {
        h2o_timeout_unlink(&w->flush);
    }
    h2o_socket_close(w->sock);
    free(w);
}

/* False when the watch is gone. */
static bool call_ready(struct redis_watch *w, bool readable, bool writable)
{
    w->busy++;
    w->ready(w->arg, readable, writable);
    w->busy--;
    if (w->closed && w->busy == 0) {
        watch_free(w);
        return false;
    }
    return !w->closed;
}

static void on_readable(h2o_socket_t *sock, const char *err)
{
    (void)err; /* reading tells hiredis the same */
    (void)call_ready(sock->data, true, false);
}

/* Waits for the descriptor when one write did not take everything. */
static void wait_writable(struct redis_watch *w);

static void write_now(struct redis_watch *w)
{
    if (w->want_write && call_ready(w, false, true) && w->want_write) {
        wait_writable(w);
    }
}

static void on_writable(h2o_socket_t *sock, const char *err)
{
    struct redis_watch *w = sock->data;
    (void)err;
    w->proven = true;
    write_now(w);
}

static void wait_writable(struct redis_watch *w)
{
    if (h2o_timeout_is_linked(&w->flush)) {
        h2o_timeout_unlink(&w->flush);
    }
    if (!h2o_socket_is_writing(w->sock)) {
        h2o_socket_notify_write(w->sock, on_writable);
    }
}

static void on_flush(h2o_timeout_entry_t *entry)
{
    struct redis_watch *w = OWNER_OF(struct redis_watch, flush, entry);
    if (h2o_socket_is_writing(w->sock)) {
        return;
    }
    if (w->proven) {
        write_now(w);
    } else if (w->want_write) {
        wait_writable(w);
    }
}

static void *watch(void *context, int fd, void (*ready)(void *arg, bool readable, bool writable),
                   void *arg)
{
    struct redis_watch *w = calloc(1, sizeof *w);
    const int own = dup(fd); /* h2o closes what it watches */
    if (w == NULL || own < 0) {
        log_error("redis.watch", "%s", strerror(errno));
        free(w);
        if (own >= 0) {
            (void)close(own);
        }
        return NULL;
    }
    w->context = context;
    w->ready = ready;
    w->arg = arg;
    w->flush.cb = on_flush;
    w->sock = h2o_evloop_socket_create(w->context->loop, own, H2O_SOCKET_FLAG_DONT_READ);
    w->sock->data = w;
    return w;
}

static void interest(void *handle, bool read, bool write)
{
    struct redis_watch *w = handle;
    if (read != (h2o_socket_is_reading(w->sock) != 0)) {
        if (read) {
            h2o_socket_read_start(w->sock, on_readable);
        } else {
            h2o_socket_read_stop(w->sock);
        }
    }
    w->want_write = write;
    if (write && !h2o_timeout_is_linked(&w->flush)) {
        h2o_timeout_link(w->context->loop, &w->context->zero_timeout, &w->flush);
    }
}

static void unwatch(void *handle)
{
    struct redis_watch *w = handle;
    w->closed = true;
    if (w->busy == 0) {
        watch_free(w);
    }
}

struct redis_loop redis_port_loop(h2o_context_t *context)
{
    return (struct redis_loop){
        .context = context, .watch = watch, .interest = interest, .unwatch = unwatch};
}
