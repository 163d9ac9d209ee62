/* Many streams over few running jobs: what a stream costs in memory, what holding them costs in
 * CPU, and how long it takes from sending a cancel until each subscriber has the event. */
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    EVENTS_MAX = 512,
    SETTLE_MS = 2000,
    HOLD_MS = 5000,
    CANCEL_GAP_MS = 20,
    LAST_MS = 10000, /* for what is still under way after the last cancel */
    JOB_MS = 120000,
    PROGRESS_MS = 1000,
    CARRY = 32, /* bytes kept between reads: longer than the marks */
};

struct stream {
    int fd;
    uint32_t job;
    bool up, done;
    size_t carry;
    char tail[CARRY];
};

struct fanout {
    struct load *load;
    struct stream *streams;
    job_id *ids;
    uint64_t *canceled_us;
    uint64_t up, events, done, broken;
    int epoll;
    struct samples delivery;
};

static uint64_t count_marks(const char *bytes, size_t len, const char *mark)
{
    const size_t size = strlen(mark);
    uint64_t n = 0;
    for (const char *end = bytes + len;
         (bytes = memmem(bytes, (size_t)(end - bytes), mark, size));) {
        n++;
        bytes += size;
    }
    return n;
}

static void stream_bytes(struct fanout *f, struct stream *s, const char *bytes, size_t len)
{
    f->up += !s->up;
    s->up = true;
    f->events += count_marks(bytes, len, "event: progress\n");
    if (!s->done && count_marks(bytes, len, "\"status\":\"canceled\"") > 0) {
        s->done = true;
        f->done++;
        samples_add(&f->delivery, clock_us() - f->canceled_us[s->job]);
    }
}

static void stream_read(struct fanout *f, struct stream *s)
{
    static char buffer[CARRY + HTTP_REPLY_MAX];
    memcpy(buffer, s->tail, s->carry);
    const ssize_t n = recv(s->fd, buffer + s->carry, HTTP_REPLY_MAX, 0);
    if (n <= 0) {
        if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            f->broken += !s->done;
            close(s->fd);
            s->fd = -1;
        }
        return;
    }
    const size_t len = s->carry + (size_t)n;
    stream_bytes(f, s, buffer, len);
    /* A mark that is cut in two is found next time; one that is whole must not be found twice. */
    const char *line = memrchr(buffer, '\n', len);
    const size_t rest = line == NULL ? len : (size_t)(buffer + len - line - 1);
    s->carry = rest < CARRY ? rest : CARRY;
    memcpy(s->tail, buffer + len - s->carry, s->carry);
}

/* Handles events for so long, or until `enough` is reached. */
static void pump(struct fanout *f, uint64_t ms, const uint64_t *counter, uint64_t enough)
{
    struct epoll_event events[EVENTS_MAX];
    const uint64_t end = clock_us() + ms * 1000;
    for (uint64_t now; (now = clock_us()) < end && (counter == NULL || *counter < enough);) {
        const int n = epoll_wait(f->epoll, events, EVENTS_MAX, (int)((end - now) / 1000) + 1);
        for (int i = 0; i < n; i++) {
            stream_read(f, events[i].data.ptr);
        }
    }
}

static void open_streams(struct fanout *f)
{
    char request[HTTP_REQUEST_MAX], path[128];
    for (uint64_t i = 0; i < f->load->count; i++) {
        struct stream *s = &f->streams[i];
        s->job = (uint32_t)(i % f->load->jobs);
        snprintf(path, sizeof path, "/v1/download/subscribe/%s", f->ids[s->job]);
        const size_t len = http_get(request, &f->load->server, path);
        s->fd = http_connect(&f->load->server, true);
        if (send(s->fd, request, len, MSG_NOSIGNAL) != (ssize_t)len) {
            f->broken++;
        }
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = s};
        epoll_ctl(f->epoll, EPOLL_CTL_ADD, s->fd, &e);
        if (i % 100 == 99) {
            pump(f, 1, NULL, 0);
        }
    }
    pump(f, LAST_MS, &f->up, f->load->count);
}

static void cancel_all(struct fanout *f)
{
    static char buffer[HTTP_REPLY_MAX];
    char request[HTTP_REQUEST_MAX], path[128];
    const int fd = http_connect(&f->load->server, true);
    for (uint64_t i = 0; i < f->load->jobs; i++) {
        snprintf(path, sizeof path, "/v1/download/cancel/%s", f->ids[i]);
        const size_t len = http_post(request, &f->load->server, path, "");
        while (recv(fd, buffer, sizeof buffer, 0) > 0) {
        }
        f->canceled_us[i] = clock_us();
        if (send(fd, request, len, MSG_NOSIGNAL) != (ssize_t)len) {
            f->broken++;
        }
        pump(f, CANCEL_GAP_MS, NULL, 0);
    }
    pump(f, LAST_MS, &f->done, f->load->count);
    close(fd);
}

void load_fanout(struct load *l)
{
    struct fanout f = {.load = l,
                       .epoll = epoll_create1(EPOLL_CLOEXEC),
                       .streams = calloc(l->count, sizeof(struct stream)),
                       .canceled_us = calloc(l->jobs, sizeof(uint64_t))};
    if (f.epoll < 0 || f.streams == NULL || f.canceled_us == NULL) {
        abort();
    }
    f.ids = load_make_jobs(l, l->jobs, JOB_MS, PROGRESS_MS);
    pump(&f, SETTLE_MS, NULL, 0);
    const uint64_t pss = procs_pss_kib(&l->procs), rss = procs_rss_kib(&l->procs);
    open_streams(&f);
    pump(&f, SETTLE_MS, NULL, 0);
    const double streams = (double)l->count;
    printf("\"streams\":%llu,\"jobs\":%llu,\"up\":%llu,\"pss_kib_per_stream\":%.2f,"
           "\"rss_kib_per_stream\":%.2f",
           (unsigned long long)l->count, (unsigned long long)l->jobs, (unsigned long long)f.up,
           ((double)procs_pss_kib(&l->procs) - (double)pss) / streams,
           ((double)procs_rss_kib(&l->procs) - (double)rss) / streams);
    procs_mark(&l->procs);
    f.events = 0;
    pump(&f, HOLD_MS, NULL, 0);
    printf(",\"events_per_s\":%.0f", (double)f.events * 1000 / HOLD_MS);
    procs_print_cpu(&l->procs, "event", (double)f.events);
    cancel_all(&f);
    printf(",\"delivered\":%llu,\"broken\":%llu", (unsigned long long)f.done,
           (unsigned long long)f.broken);
    samples_print(&f.delivery, "delivery");
}
