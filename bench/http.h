/* Http: just enough of an HTTP/1.1 client to load a server that we know: persistent connections,
 * replies with Content-Length. Streams are read raw. One thread. */
#ifndef LONGHAUL_BENCH_HTTP_H
#define LONGHAUL_BENCH_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HTTP_REQUEST_MAX = 4096, HTTP_REPLY_MAX = 65536, JOB_ID_MAX = 64 };

struct http_server {
    char host[64];
    int port;
};

struct http_reply {
    int status;
    const char *body; /* not NUL-terminated */
    size_t body_len;
};

/* "http://127.0.0.1:8080"; exits with a message if that is not it. */
void http_server_parse(struct http_server *s, const char *url);
int http_connect(const struct http_server *s, bool nonblocking); /* fd; exits on failure */

size_t http_get(char *out, const struct http_server *s, const char *path);
size_t http_post(char *out, const struct http_server *s, const char *path, const char *body);

/* Looks for one whole reply at the front of `bytes`; its length, or 0 while it is not whole. */
size_t http_reply_parse(const char *bytes, size_t len, struct http_reply *reply);
/* One request and its reply on a blocking connection. False if the connection broke. */
bool http_roundtrip(int fd, const char *request, size_t len, char *buffer,
                    struct http_reply *reply);

/* Value of "jobId" in a reply; false if there is none. */
bool http_job_id(const struct http_reply *reply, char out[JOB_ID_MAX + 1]);
bool http_body_has(const struct http_reply *reply, const char *text);

#endif
