/* Swarm: a closed loop. Each of `conns` connections sends a request, waits for its reply, and sends
 * the next, until there is nothing more to ask or the time is over. */
#ifndef LONGHAUL_BENCH_SWARM_H
#define LONGHAUL_BENCH_SWARM_H

#include "http.h"
#include "samples.h"

struct swarm {
    const struct http_server *server;
    unsigned conns;
    uint64_t seconds; /* 0: until `next` has nothing more */
    /* Writes the next request into `out`; 0: none left. `tag` comes back with the reply. */
    size_t (*next)(void *context, char *out, uint64_t *tag);
    void (*reply)(void *context, uint64_t tag, const struct http_reply *reply);
    void *context;
    /* results */
    uint64_t requests, broken;
    double wall_s;
    struct samples latency;
};

void swarm_run(struct swarm *s);

#endif
