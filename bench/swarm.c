#include "swarm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS_MAX = 256 };

struct conn {
    int fd;
    uint64_t tag, sent_us;
    size_t have;
    char in[HTTP_REPLY_MAX];
};

struct run {
    struct swarm *swarm;
    int epoll;
    unsigned open; /* connections that wait for a reply */
    uint64_t end_us;
};

static void conn_close(struct run *r, struct conn *c)
{
    close(c->fd);
    c->fd = -1;
    r->open--;
}

static void conn_send(struct run *r, struct conn *c)
{
    char request[HTTP_REQUEST_MAX];
    const uint64_t now = clock_us();
    size_t len = 0;
    if (r->end_us == 0 || now < r->end_us) {
        len = r->swarm->next(r->swarm->context, request, &c->tag);
    }
    if (len == 0) {
        conn_close(r, c);
        return;
    }
    c->sent_us = now;
    if (send(c->fd, request, len, MSG_NOSIGNAL) != (ssize_t)len) {
        r->swarm->broken++;
        conn_close(r, c);
    }
}

static void conn_open(struct run *r, struct conn *c)
{
    c->fd = http_connect(r->swarm->server, true);
    c->have = 0;
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(r->epoll, EPOLL_CTL_ADD, c->fd, &e);
    r->open++;
    conn_send(r, c);
}

static void conn_read(struct run *r, struct conn *c)
{
    const ssize_t n = recv(c->fd, c->in + c->have, sizeof c->in - c->have, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (n <= 0) {
        r->swarm->broken++;
        conn_close(r, c);
        conn_open(r, c);
        return;
    }
    c->have += (size_t)n;
    struct http_reply reply;
    const size_t used = http_reply_parse(c->in, c->have, &reply);
    if (used == 0) {
        return;
    }
    samples_add(&r->swarm->latency, clock_us() - c->sent_us);
    r->swarm->requests++;
    r->swarm->reply(r->swarm->context, c->tag, &reply);
    c->have = 0;
    conn_send(r, c);
}

void swarm_run(struct swarm *s)
{
    struct run r = {.swarm = s, .epoll = epoll_create1(EPOLL_CLOEXEC)};
    struct conn *conns = calloc(s->conns, sizeof *conns);
    if (r.epoll < 0 || conns == NULL) {
        abort();
    }
    const uint64_t start = clock_us();
    r.end_us = s->seconds == 0 ? 0 : start + s->seconds * 1000000;
    for (unsigned i = 0; i < s->conns; i++) {
        conn_open(&r, &conns[i]);
    }
    struct epoll_event events[EVENTS_MAX];
    while (r.open > 0) {
        const int n = epoll_wait(r.epoll, events, EVENTS_MAX, 1000);
        for (int i = 0; i < n; i++) {
            conn_read(&r, events[i].data.ptr);
        }
    }
    s->wall_s = (double)(clock_us() - start) / 1e6;
    free(conns);
    close(r.epoll);
}
