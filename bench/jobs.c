/* Jobs for the tests: made over one loop of connections, awaited by polling. */
#include "load.h"
#include "swarm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { POLL_MS = 5, POLLS_MAX = 120 * 1000 / POLL_MS, MAKERS = 16 };

struct maker {
    const struct load *load;
    job_id *ids;
    uint64_t next, count;
    unsigned duration_ms, progress_ms;
};

const char *load_body(char *out, size_t size, uint64_t file_id, unsigned duration_ms,
                      unsigned progress_ms)
{
    snprintf(
        out, size,
        "{\"file_id\":%llu,\"options\":{\"timeoutSeconds\":300,\"simulate\":{\"durationMs\":%u,"
        "\"progressMs\":%u}}}",
        (unsigned long long)file_id, duration_ms, progress_ms);
    return out;
}

static size_t make_next(void *context, char *out, uint64_t *tag)
{
    struct maker *m = context;
    char body[256];
    if (m->next == m->count) {
        return 0;
    }
    *tag = m->next++;
    return http_post(out, &m->load->server, "/v1/download/initiate",
                     load_body(body, sizeof body, *tag + 1, m->duration_ms, m->progress_ms));
}

static void made(void *context, uint64_t tag, const struct http_reply *reply)
{
    struct maker *m = context;
    if (reply->status != 202 || !http_job_id(reply, m->ids[tag])) {
        fprintf(stderr, "load: initiate answered %d\n", reply->status);
        exit(1);
    }
}

job_id *load_make_jobs(const struct load *l, uint64_t count, unsigned duration_ms,
                       unsigned progress_ms)
{
    struct maker m = {.load = l,
                      .ids = calloc(count, sizeof(job_id)),
                      .count = count,
                      .duration_ms = duration_ms,
                      .progress_ms = progress_ms};
    struct swarm s = {.server = &l->server,
                      .conns = count < MAKERS ? (unsigned)count : MAKERS,
                      .next = make_next,
                      .reply = made,
                      .context = &m};
    if (m.ids == NULL) {
        abort();
    }
    swarm_run(&s);
    free(s.latency.at);
    return m.ids;
}

static bool terminal(const struct http_reply *reply)
{
    return http_body_has(reply, "\"status\":\"completed\"") ||
           http_body_has(reply, "\"status\":\"failed\"") ||
           http_body_has(reply, "\"status\":\"canceled\"");
}

void load_await_terminal(const struct load *l, const char *id)
{
    static char buffer[HTTP_REPLY_MAX];
    char path[128], request[HTTP_REQUEST_MAX];
    struct http_reply reply;
    snprintf(path, sizeof path, "/v1/download/status/%s", id);
    const size_t len = http_get(request, &l->server, path);
    const int fd = http_connect(&l->server, false);
    for (int i = 0; i < POLLS_MAX; i++) {
        if (!http_roundtrip(fd, request, len, buffer, &reply)) {
            break;
        }
        if (reply.status == 200 && terminal(&reply)) {
            close(fd);
            return;
        }
        usleep(POLL_MS * 1000);
    }
    fprintf(stderr, "load: job %s does not end\n", id);
    exit(1);
}
