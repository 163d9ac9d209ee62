/* Tests with a closed loop: initiate, status, and jobs from end to end. */
#include "load.h"
#include "swarm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATUS_JOBS = 5000, STRAGGLERS = 200 };

/* Keeps ids in a ring: the last one tells when the queue has drained. */
struct initiate {
    const struct load *load;
    uint64_t next, bad, limit; /* limit 0: by time */
    job_id *ids;               /* NULL: only `last` is kept */
    job_id last;
};

static size_t initiate_next(void *context, char *out, uint64_t *tag)
{
    struct initiate *t = context;
    char body[256];
    if (t->limit != 0 && t->next == t->limit) {
        return 0;
    }
    *tag = t->next++;
    snprintf(body, sizeof body, "{\"file_id\":%llu,\"options\":{\"simulate\":{\"durationMs\":0}}}",
             (unsigned long long)*tag + 1);
    return http_post(out, &t->load->server, "/v1/download/initiate", body);
}

static void initiated(void *context, uint64_t tag, const struct http_reply *reply)
{
    struct initiate *t = context;
    char *id = t->ids != NULL ? t->ids[tag] : t->last;
    if (reply->status != 202 || !http_job_id(reply, id)) {
        t->bad++;
    }
}

static void print_rate(const struct swarm *s, const char *name, uint64_t bad)
{
    printf("\"conns\":%u,\"requests\":%llu,\"bad\":%llu,\"broken\":%llu,\"%s\":%.0f", s->conns,
           (unsigned long long)s->requests, (unsigned long long)bad, (unsigned long long)s->broken,
           name, (double)s->requests / s->wall_s);
}

/* `s` knows what to ask; prints the rate, `*bad` of it after the run, and what a request costs. */
static void run_for_seconds(struct load *l, struct swarm *s, const uint64_t *bad)
{
    s->server = &l->server;
    s->conns = l->conns;
    s->seconds = l->seconds;
    procs_mark(&l->procs);
    swarm_run(s);
    print_rate(s, "per_s", *bad);
    procs_print_cpu(&l->procs, "request", (double)s->requests);
    samples_print(&s->latency, "latency");
}

void load_initiate(struct load *l)
{
    struct initiate t = {.load = l};
    struct swarm s = {.next = initiate_next, .reply = initiated, .context = &t};
    run_for_seconds(l, &s, &t.bad);
    const uint64_t start = clock_us();
    load_await_terminal(l, t.last);
    printf(",\"drain_s\":%.2f", (double)(clock_us() - start) / 1e6);
}

struct reads {
    const struct load *load;
    job_id *ids;
    uint64_t count, next, bad, limit, completed;
};

static size_t reads_next(void *context, char *out, uint64_t *tag)
{
    struct reads *t = context;
    char path[128];
    if (t->limit != 0 && t->next == t->limit) {
        return 0;
    }
    *tag = t->next++ % t->count;
    snprintf(path, sizeof path, "/v1/download/status/%s", t->ids[*tag]);
    return http_get(out, &t->load->server, path);
}

static void was_read(void *context, uint64_t tag, const struct http_reply *reply)
{
    struct reads *t = context;
    (void)tag;
    t->bad += reply->status != 200;
    t->completed += http_body_has(reply, "\"status\":\"completed\"");
}

void load_status(struct load *l)
{
    job_id *ids = load_make_jobs(l, STATUS_JOBS, 0, 0);
    load_await_terminal(l, ids[STATUS_JOBS - 1]);
    struct reads t = {.load = l, .ids = ids, .count = STATUS_JOBS};
    struct swarm s = {.next = reads_next, .reply = was_read, .context = &t};
    run_for_seconds(l, &s, &t.bad);
    free(ids);
}

/* From the first POST until the last job is terminal; then every job's status is read: a job that
 * was accepted and did not complete, or an id given twice, is a failure of the service. */
void load_e2e(struct load *l)
{
    struct initiate t = {.load = l, .limit = l->count, .ids = calloc(l->count, sizeof(job_id))};
    struct swarm s = {.server = &l->server,
                      .conns = l->conns,
                      .next = initiate_next,
                      .reply = initiated,
                      .context = &t};
    if (t.ids == NULL) {
        abort();
    }
    procs_mark(&l->procs);
    const uint64_t start = clock_us();
    swarm_run(&s);
    const double submit_s = s.wall_s;
    load_await_terminal(l, t.ids[l->count - 1]);
    const double wall_s = (double)(clock_us() - start) / 1e6;
    printf("\"conns\":%u,\"jobs\":%llu,\"bad\":%llu,\"per_s\":%.0f,\"submit_s\":%.2f", l->conns,
           (unsigned long long)l->count, (unsigned long long)t.bad, (double)l->count / wall_s,
           submit_s);
    procs_print_cpu(&l->procs, "job", (double)l->count);
    printf(",\"rss_mib\":%.1f,\"pss_mib\":%.1f", (double)procs_rss_kib(&l->procs) / 1024,
           (double)procs_pss_kib(&l->procs) / 1024);
    /* Workers end jobs nearly in order, not quite. */
    for (uint64_t i = l->count < STRAGGLERS ? 0 : l->count - STRAGGLERS; i < l->count; i++) {
        load_await_terminal(l, t.ids[i]);
    }
    struct reads v = {.load = l, .ids = t.ids, .count = l->count, .limit = l->count};
    struct swarm check = {.server = &l->server,
                          .conns = l->conns,
                          .next = reads_next,
                          .reply = was_read,
                          .context = &v};
    swarm_run(&check);
    printf(",\"completed\":%llu,\"lost\":%llu", (unsigned long long)v.completed,
           (unsigned long long)(l->count - v.completed));
    free(t.ids);
}
