/* One job at a time: from sending POST to the `result` event on its stream. */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WARM_UP = 100 };

/* Reads a stream until `mark` stands in it. */
static bool read_until(int fd, const char *mark)
{
    static char buffer[HTTP_REPLY_MAX];
    size_t have = 0;
    while (have < sizeof buffer) {
        const ssize_t n = recv(fd, buffer + have, sizeof buffer - have, 0);
        if (n <= 0) {
            return false;
        }
        have += (size_t)n;
        if (memmem(buffer, have, mark, strlen(mark)) != NULL) {
            return true;
        }
    }
    return false;
}

static void one_job(struct load *l, int fd, uint64_t file_id, struct samples *posted,
                    struct samples *done)
{
    static char buffer[HTTP_REPLY_MAX];
    char request[HTTP_REQUEST_MAX], body[256], path[128];
    struct http_reply reply;
    job_id id;
    const int stream = http_connect(&l->server, false); /* open beforehand: the path is measured */
    size_t len = http_post(request, &l->server, "/v1/download/initiate",
                           load_body(body, sizeof body, file_id, 0, 0));
    const uint64_t start = clock_us();
    if (!http_roundtrip(fd, request, len, buffer, &reply) || !http_job_id(&reply, id)) {
        fprintf(stderr, "load: initiate failed\n");
        exit(1);
    }
    samples_add(posted, clock_us() - start);
    snprintf(path, sizeof path, "/v1/download/subscribe/%s", id);
    len = http_get(request, &l->server, path);
    if (send(stream, request, len, MSG_NOSIGNAL) != (ssize_t)len ||
        !read_until(stream, "event: result\n")) {
        fprintf(stderr, "load: no result for %s\n", id);
        exit(1);
    }
    samples_add(done, clock_us() - start);
    close(stream);
}

void load_latency(struct load *l)
{
    struct samples posted = {0}, done = {0};
    const int fd = http_connect(&l->server, false);
    for (uint64_t i = 0; i < WARM_UP + l->count; i++) {
        if (i == WARM_UP) {
            posted.count = done.count = 0;
            procs_mark(&l->procs);
        }
        one_job(l, fd, i + 1, &posted, &done);
    }
    printf("\"jobs\":%llu", (unsigned long long)l->count);
    procs_print_cpu(&l->procs, "job", (double)l->count);
    samples_print(&posted, "post");
    samples_print(&done, "result");
    close(fd);
}
