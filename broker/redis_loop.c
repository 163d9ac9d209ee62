#include "broker/redis_loop.h"

#include <poll.h>
#include <string.h>

static int on_ready(zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    (void)loop;
    struct redis_loop_handle *h = arg;
    struct redis_loop_czmq *l = h->owner;
    if (h->used && h->fd == item->fd) {
        /* An error shows itself to the reader. */
        const bool readable = (item->revents & (ZMQ_POLLIN | ZMQ_POLLERR)) != 0;
        h->ready(h->arg, readable, (item->revents & ZMQ_POLLOUT) != 0);
    }
    l->turn_end(l->context);
    return 0;
}

static void repoll(struct redis_loop_handle *h, short events)
{
    if (h->polled == events) {
        return;
    }
    zmq_pollitem_t item = {.socket = NULL, .fd = h->fd, .events = events};
    if (h->polled != 0) {
        zloop_poller_end(h->owner->loop, &item);
    }
    h->polled = 0;
    if (events != 0 && zloop_poller(h->owner->loop, &item, on_ready, h) == 0) {
        zloop_poller_set_tolerant(h->owner->loop, &item);
        h->polled = events;
    }
}

static void *watch(void *context, int fd, void (*ready)(void *arg, bool readable, bool writable),
                   void *arg)
{
    struct redis_loop_czmq *l = context;
    for (size_t i = 0; i < REDIS_LOOP_HANDLES_MAX; i++) {
        struct redis_loop_handle *h = &l->handles[i];
        if (!h->used) {
            *h = (struct redis_loop_handle){
                .owner = l, .fd = fd, .ready = ready, .arg = arg, .used = true};
            return h;
        }
    }
    return NULL;
}

static void interest(void *handle, bool read, bool write)
{
    struct redis_loop_handle *h = handle;
    h->read = read;
    h->write = write;
}

static void unwatch(void *handle)
{
    struct redis_loop_handle *h = handle;
    repoll(h, 0); /* now: the descriptor is about to be closed */
    h->used = false;
}

void redis_loop_init(struct redis_loop_czmq *l, zloop_t *loop, void (*turn_end)(void *context),
                     void *context)
{
    memset(l, 0, sizeof *l);
    l->loop = loop;
    l->turn_end = turn_end;
    l->context = context;
}

struct redis_loop redis_loop_port(struct redis_loop_czmq *l)
{
    return (struct redis_loop){
        .context = l, .watch = watch, .interest = interest, .unwatch = unwatch};
}

/* Asked before writing, because hiredis takes being called as the sign that connect(2) is done. */
static bool writable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    return poll(&p, 1, 0) == 1 && (p.revents & POLLOUT) != 0;
}

void redis_loop_flush(struct redis_loop_czmq *l)
{
    for (size_t i = 0; i < REDIS_LOOP_HANDLES_MAX; i++) {
        struct redis_loop_handle *h = &l->handles[i];
        if (h->used && h->write && writable(h->fd)) {
            h->ready(h->arg, false, true);
        }
        if (h->used) {
            const int events = (h->read ? ZMQ_POLLIN : 0) | (h->write ? ZMQ_POLLOUT : 0);
            repoll(h, (short)events);
        }
    }
}
