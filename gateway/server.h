/* Server: the process: its loops, and the little that they share.
 *
 * Threads: written before the loops start, read-only after, but for `keys`, `keys_of_tokens` and
 * `rates` (have mutexes of their own), `counters` (atomic) and `draining`. */
#ifndef LONGHAUL_GATEWAY_SERVER_H
#define LONGHAUL_GATEWAY_SERVER_H

#include "base/err.h"
#include "base/metrics.h"
#include "gateway/assets.h"
#include "gateway/h2o_loop.h"
#include "gateway/in_flight_keys.h"
#include "gateway/key_ring.h"
#include "gateway/loop.h"
#include "gateway/options.h"

#include <pthread.h>
#include <stdatomic.h>

struct server {
    const struct gateway_config *config;
    h2o_globalconf_t h2o;
    h2o_hostconf_t *public_host, *admin_host;
    void *zmq;
    struct in_flight_keys *keys;
    struct key_ring *keys_of_tokens; /* NULL with auth=none */
    struct rate_limits *rates;
    struct metrics *counters;
    struct assets *assets; /* NULL: no web pages */
    struct gateway_loop *loops;
    pthread_t *threads;
    int *listen_fds; /* one a loop; -1 once a loop has taken it */
    int admin_fd;
    unsigned loops_count, threads_started;
    size_t connections_max; /* of one loop */
    pthread_barrier_t started;
    atomic_bool draining, failed;
};

/* Runs until a signal of `signals_fd`, drains, returns the exit status. */
int server_run(const struct gateway_config *config, int signals_fd);

#endif
