/* Load: what the tests of the load generator share. */
#ifndef LONGHAUL_BENCH_LOAD_H
#define LONGHAUL_BENCH_LOAD_H

#include "http.h"
#include "procs.h"
#include "samples.h"

struct load {
    struct http_server server;
    struct procs procs;
    unsigned conns;
    uint64_t seconds;
    uint64_t count; /* of jobs, requests or streams, as the test has it */
    uint64_t jobs;  /* fanout: over how many jobs the streams are spread */
};

typedef char job_id[JOB_ID_MAX + 1];

/* Makes `count` simulated jobs of `duration_ms`; their ids. Exits if one is refused. */
job_id *load_make_jobs(const struct load *l, uint64_t count, unsigned duration_ms,
                       unsigned progress_ms);
/* Polls one job now and then until it is terminal. */
void load_await_terminal(const struct load *l, const char *id);
const char *load_body(char *out, size_t size, uint64_t file_id, unsigned duration_ms,
                      unsigned progress_ms);

/* The tests. Each prints the members of one JSON object, the first without a comma. */
void load_initiate(struct load *l);
void load_status(struct load *l);
void load_e2e(struct load *l);
void load_latency(struct load *l);
void load_fanout(struct load *l);

#endif
