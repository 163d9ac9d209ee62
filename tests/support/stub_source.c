#include "support/stub_source.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST_MAX = 8192, CLIENTS_MAX = 64, HEAD_MAX = 1024 };

struct client {
    struct stub_source *source;
    int fd;
    char request[REQUEST_MAX];
};

unsigned char stub_source_byte(size_t i)
{
    return (unsigned char)(i * 7 + i / 251);
}

static bool send_all(int fd, const void *data, size_t len)
{
    const char *at = data;
    while (len > 0) {
        const ssize_t sent = send(fd, at, len, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        at += sent;
        len -= (size_t)sent;
    }
    return true;
}

static void send_head(int fd, const char *status, const char *headers, size_t length)
{
    char head[HEAD_MAX];
    const int len = snprintf(head, sizeof head,
                             "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%sConnection: close\r\n\r\n",
                             status, length, headers);
    (void)send_all(fd, head, (size_t)len);
}

static void send_body(int fd, size_t from, size_t len)
{
    static unsigned char body[STUB_BODY]; /* of this thread alone: one server in a test */
    for (size_t i = 0; i < len; i++) {
        body[i] = stub_source_byte(from + i);
    }
    (void)send_all(fd, body, len);
}

/* ---- one path each */

static bool do_whole(struct client *c)
{
    send_head(c->fd, "200 OK", "", STUB_BODY);
    send_body(c->fd, 0, STUB_BODY);
    return true;
}

static bool do_short(struct client *c)
{
    send_head(c->fd, "200 OK", "", STUB_BODY);
    send_body(c->fd, 0, STUB_BODY / 2);
    return true;
}

static bool do_stall(struct client *c)
{
    send_head(c->fd, "200 OK", "", STUB_BODY);
    send_body(c->fd, 0, STUB_BODY / 2);
    return false;
}

static bool do_silent(struct client *c)
{
    (void)c;
    return false;
}

static bool breaks(struct client *c, bool changed, size_t shift)
{
    const char *range = strstr(c->request, "Range: bytes=");
    const size_t from = range != NULL ? strtoul(range + 13, NULL, 10) : 0;
    char headers[HEAD_MAX];
    if (range == NULL || changed) {
        (void)snprintf(headers, sizeof headers, "ETag: \"%s\"\r\nAccept-Ranges: bytes\r\n",
                       range == NULL ? "v1" : "v2");
        send_head(c->fd, "200 OK", headers, STUB_BODY);
        send_body(c->fd, 0, STUB_PIECE);
        return true;
    }
    if (strstr(c->request, "If-Range: \"v1\"") == NULL) {
        send_head(c->fd, "400 Bad Request", "", 0);
        return true;
    }
    (void)snprintf(headers, sizeof headers, "ETag: \"v1\"\r\nContent-Range: bytes %zu-%d/%d\r\n",
                   from + shift, STUB_BODY - 1, STUB_BODY);
    send_head(c->fd, "206 Partial Content", headers, STUB_BODY - from - shift);
    const size_t left = STUB_BODY - from - shift;
    send_body(c->fd, from + shift, left < STUB_PIECE ? left : STUB_PIECE);
    return true;
}

static bool do_breaks(struct client *c)
{
    return breaks(c, false, 0);
}

static bool do_breaks_changed(struct client *c)
{
    return breaks(c, true, 0);
}

static bool do_breaks_wrong(struct client *c)
{
    return breaks(c, false, 1);
}

static bool do_busy(struct client *c)
{
    send_head(c->fd, "503 Service Unavailable", "Retry-After: 7\r\n", 0);
    return true;
}

static bool do_named(struct client *c)
{
    send_head(c->fd, "200 OK",
              "Content-Type: text/x-thing\r\nContent-Disposition: attachment; "
              "filename=\"../../plain.txt\"; filename*=UTF-8''na%C3%AFve%20name.txt\r\n",
              STUB_BODY);
    send_body(c->fd, 0, STUB_BODY);
    return true;
}

/* The end of the connection is the end of the body. */
static bool send_unsized(struct client *c, size_t len)
{
    static const char HEAD[] = "HTTP/1.1 200 OK\r\nLast-Modified: Wed, 21 Oct 2015 07:28:00 GMT\r\n"
                               "Connection: close\r\n\r\n";
    (void)send_all(c->fd, HEAD, sizeof HEAD - 1);
    send_body(c->fd, 0, len);
    return true;
}

static bool do_unsized(struct client *c)
{
    return send_unsized(c, STUB_BODY);
}

static bool do_unsized_small(struct client *c)
{
    return send_unsized(c, STUB_SMALL);
}

static bool do_to(struct client *c)
{
    char headers[HEAD_MAX];
    const char *url = strchr(c->request, '?') + 1;
    (void)snprintf(headers, sizeof headers, "Location: %.*s\r\n", (int)strcspn(url, " "), url);
    send_head(c->fd, "302 Found", headers, 0);
    return true;
}

static bool do_loop(struct client *c)
{
    send_head(c->fd, "302 Found", "Location: /loop\r\n", 0);
    return true;
}

/* A connection that stays open behind an answer without a body. Whoever uses it again is told what
 * nobody asked for (see thread_main). */
static bool do_keeps(struct client *c)
{
    static const char ANSWER[] = "HTTP/1.1 204 No Content\r\n\r\n";
    (void)send_all(c->fd, ANSWER, sizeof ANSWER - 1);
    return false;
}

static const struct {
    const char *path;                 /* with what ends it */
    bool (*answer)(struct client *c); /* false: keep the connection until the other side closes */
} PATHS[] = {
    {"/whole ", do_whole},
    {"/short ", do_short},
    {"/stall ", do_stall},
    {"/silent ", do_silent},
    {"/breaks ", do_breaks},
    {"/breaks-changed ", do_breaks_changed},
    {"/breaks-wrong ", do_breaks_wrong},
    {"/busy ", do_busy},
    {"/named ", do_named},
    {"/unsized ", do_unsized},
    {"/unsized-small ", do_unsized_small},
    {"/to?", do_to},
    {"/loop ", do_loop},
    {"/keeps ", do_keeps},
};

static bool serve(struct client *c)
{
    size_t len = 0;
    while (len < REQUEST_MAX - 1 && strstr(c->request, "\r\n\r\n") == NULL) {
        const ssize_t got = recv(c->fd, c->request + len, REQUEST_MAX - 1 - len, 0);
        if (got <= 0) {
            return true;
        }
        len += (size_t)got;
        c->request[len] = '\0';
    }
    atomic_fetch_add(&c->source->served, 1);
    for (size_t i = 0; i < sizeof PATHS / sizeof PATHS[0]; i++) {
        if (strncmp(c->request + 4, PATHS[i].path, strlen(PATHS[i].path)) == 0) {
            return PATHS[i].answer(c);
        }
    }
    send_head(c->fd, "404 Not Found", "", 0);
    return true;
}

/* Connections that are kept open, until the other side closes them. */
struct kept {
    struct pollfd fds[CLIENTS_MAX];
    nfds_t count;
};

static void accept_one(struct stub_source *s, struct kept *k)
{
    static struct client c; /* of this thread alone */
    memset(&c, 0, sizeof c);
    c.source = s;
    c.fd = accept(s->listener, NULL, NULL);
    if (c.fd < 0) {
        return;
    }
    if (serve(&c) || k->count == CLIENTS_MAX) {
        (void)shutdown(c.fd, SHUT_WR);
        (void)close(c.fd);
        return;
    }
    k->fds[k->count++] = (struct pollfd){.fd = c.fd, .events = POLLIN};
}

/* To a second request on a kept connection. */
static void say_stray(int fd)
{
    static const char STRAY[] = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nWRONG!";
    char request[REQUEST_MAX];
    if (recv(fd, request, sizeof request, MSG_DONTWAIT) > 0) {
        (void)send_all(fd, STRAY, sizeof STRAY - 1);
    }
}

static void *thread_main(void *context)
{
    struct stub_source *s = context;
    struct kept k = {.fds = {{.fd = s->listener, .events = POLLIN}}, .count = 1};
    while (!atomic_load(&s->stopping)) {
        (void)poll(k.fds, k.count, -1);
        for (nfds_t i = k.count - 1; i > 0; i--) {
            if (k.fds[i].revents != 0) {
                say_stray(k.fds[i].fd);
                (void)close(k.fds[i].fd);
                k.fds[i] = k.fds[--k.count];
            }
        }
        if (k.fds[0].revents != 0 && !atomic_load(&s->stopping)) {
            accept_one(s, &k);
        }
    }
    for (nfds_t i = 1; i < k.count; i++) {
        (void)close(k.fds[i].fd);
    }
    return NULL;
}

void stub_source_start(struct stub_source *s)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    memset(s, 0, sizeof *s);
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(s->listener, (struct sockaddr *)&at, size), 0);
    cr_assert_eq(listen(s->listener, 64), 0);
    cr_assert_eq(getsockname(s->listener, (struct sockaddr *)&at, &size), 0);
    s->port = ntohs(at.sin_port);
    cr_assert_eq(pthread_create(&s->thread, NULL, thread_main, s), 0);
}

void stub_source_stop(struct stub_source *s)
{
    atomic_store(&s->stopping, true);
    (void)shutdown(s->listener, SHUT_RDWR); /* wakes the poll */
    (void)pthread_join(s->thread, NULL);
    (void)close(s->listener);
}
