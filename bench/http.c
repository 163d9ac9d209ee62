#include "http.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

void http_server_parse(struct http_server *s, const char *url)
{
    if (sscanf(url, "http://%63[0-9.]:%d", s->host, &s->port) != 2) {
        fprintf(stderr, "load: --url wants http://IP:PORT\n");
        exit(2);
    }
}

int http_connect(const struct http_server *s, bool nonblocking)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)s->port)};
    inet_pton(AF_INET, s->host, &to.sin_addr);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        perror("load: connect");
        exit(1);
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (nonblocking) {
        fcntl(fd, F_SETFL, O_NONBLOCK);
    }
    return fd;
}

size_t http_get(char *out, const struct http_server *s, const char *path)
{
    return (size_t)snprintf(out, HTTP_REQUEST_MAX, "GET %s HTTP/1.1\r\nHost: %s:%d\r\n\r\n", path,
                            s->host, s->port);
}

size_t http_post(char *out, const struct http_server *s, const char *path, const char *body)
{
    return (size_t)snprintf(out, HTTP_REQUEST_MAX,
                            "POST %s HTTP/1.1\r\nHost: %s:%d\r\nContent-Type: application/json\r\n"
                            "Content-Length: %zu\r\n\r\n%s",
                            path, s->host, s->port, strlen(body), body);
}

static size_t content_length(const char *head, const char *end)
{
    static const char NAME[] = "\ncontent-length:";
    for (const char *at = head; at + sizeof NAME < end; at++) {
        if (*at == '\n' && strncasecmp(at, NAME, sizeof NAME - 1) == 0) {
            return strtoul(at + sizeof NAME - 1, NULL, 10);
        }
    }
    return 0;
}

/* Three digits; 0 if they are not. */
static int status_of(const char *digits)
{
    int status = 0;
    for (int i = 0; i < 3; i++) {
        if (digits[i] < '0' || digits[i] > '9') {
            return 0;
        }
        status = 10 * status + (digits[i] - '0');
    }
    return status;
}

size_t http_reply_parse(const char *bytes, size_t len, struct http_reply *reply)
{
    const char *end = memmem(bytes, len, "\r\n\r\n", 4);
    if (end == NULL || len < 12) {
        return 0;
    }
    const size_t head = (size_t)(end - bytes) + 4;
    const size_t body = content_length(bytes, end + 2);
    if (head + body > len) {
        return 0;
    }
    *reply = (struct http_reply){status_of(bytes + 9), bytes + head, body};
    return head + body;
}

bool http_roundtrip(int fd, const char *request, size_t len, char *buffer, struct http_reply *reply)
{
    if (send(fd, request, len, MSG_NOSIGNAL) != (ssize_t)len) {
        return false;
    }
    size_t have = 0;
    while (http_reply_parse(buffer, have, reply) == 0) {
        const ssize_t n = recv(fd, buffer + have, HTTP_REPLY_MAX - have, 0);
        if (n <= 0) {
            return false;
        }
        have += (size_t)n;
    }
    return true;
}

bool http_job_id(const struct http_reply *reply, char out[JOB_ID_MAX + 1])
{
    static const char NAME[] = "\"jobId\":\"";
    const char *at = memmem(reply->body, reply->body_len, NAME, sizeof NAME - 1);
    if (at == NULL) {
        return false;
    }
    at += sizeof NAME - 1;
    const char *end = memchr(at, '"', (size_t)(reply->body + reply->body_len - at));
    if (end == NULL || end - at > JOB_ID_MAX) {
        return false;
    }
    memcpy(out, at, (size_t)(end - at));
    out[end - at] = '\0';
    return true;
}

bool http_body_has(const struct http_reply *reply, const char *text)
{
    return memmem(reply->body, reply->body_len, text, strlen(text)) != NULL;
}
