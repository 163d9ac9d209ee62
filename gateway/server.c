#include "gateway/server.h"

#include "base/log.h"
#include "base/signals.h"
#include "gateway/admin.h"
#include "gateway/error_filter.h"
#include "gateway/linger.h"
#include "gateway/routes.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zmq.h>

enum {
    /* Above the 64 KiB of the API, so that most bodies over it cost no connection. */
    BODY_BYTES_MAX = 1 << 20,
    /* Descriptors that are no client connections: sockets of ZeroMQ, Redis, the admin listener's.
     */
    FDS_RESERVED = 256,
    FDS_A_LOOP = 32 + LINGER_MAX,
    FDS_A_CONNECTION = 2, /* its socket, and a file being sent */
};

struct loop_start {
    struct server *server;
    unsigned index;
};

static h2o_hostconf_t *add_host(struct server *s, const char *name,
                                int (*on_request)(h2o_handler_t *, h2o_req_t *))
{
    h2o_hostconf_t *host =
        h2o_config_register_host(&s->h2o, h2o_iovec_init(name, strlen(name)), 65535);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    h2o_create_handler(path, sizeof(h2o_handler_t))->on_req = on_request;
    error_filter_register(&host->fallback_path);
    return host;
}

static void configure_h2o(struct server *s)
{
    h2o_config_init(&s->h2o);
    s->h2o.server_name = h2o_iovec_init(H2O_STRLIT("longhaul"));
    s->h2o.max_request_entity_size = BODY_BYTES_MAX;
    s->h2o.http1.upgrade_to_http2 = 0; /* CVE-2023-44487, CVE-2025-8671 are open in this library */
    s->h2o.http1.req_timeout = (uint64_t)s->config->idle_timeout_s * 1000; /* see idlers.h */
    s->public_host = add_host(s, "public", routes_on_request);
    s->admin_host = add_host(s, "admin", admin_on_request);
}

/* Below RLIMIT_NOFILE: at its end accept(2) would fail and the loop spin. */
static size_t connections_for(const struct gateway_config *config)
{
    struct rlimit limit;
    int64_t most = config->connections_max;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
        const int64_t fds = limit.rlim_cur == RLIM_INFINITY ? INT32_MAX : (int64_t)limit.rlim_cur;
        const int64_t free_fds =
            (fds - FDS_RESERVED - FDS_A_LOOP * config->threads) / FDS_A_CONNECTION;
        most = most < free_fds ? most : free_fds;
    }
    const int64_t share = most / config->threads;
    return share < 1 ? 1 : (size_t)share;
}

static enum err bind_all(struct server *s)
{
    const struct gateway_config *c = s->config;
    TRY(listener_probe(c->listen));
    TRY(listener_probe(c->admin_listen));
    TRY(listener_bind(c->admin_listen, &s->admin_fd));
    for (unsigned i = 0; i < s->loops_count; i++) {
        TRY(listener_bind(c->listen, &s->listen_fds[i]));
    }
    return ERR_OK;
}

static void *run_loop(void *arg)
{
    const struct loop_start start = *(struct loop_start *)arg;
    struct server *s = start.server;
    struct gateway_loop *loop = &s->loops[start.index];
    free(arg);
    const enum err e = loop_open(loop, s, start.index);
    if (e != ERR_OK) {
        log_error("loop.open", "loop=%u: %s", start.index, err_name(e));
        atomic_store(&s->failed, true);
    }
    (void)pthread_barrier_wait(&s->started);
    if (!atomic_load(&s->failed)) {
        loop_run(loop);
    }
    loop_close(loop);
    return NULL;
}

static enum err start_threads(struct server *s)
{
    /* The barrier counts this thread too: it must not talk to loops that are not there yet. */
    if (pthread_barrier_init(&s->started, NULL, s->loops_count + 1) != 0) {
        return ERR_NOMEM;
    }
    for (; s->threads_started < s->loops_count; s->threads_started++) {
        struct loop_start *start = malloc(sizeof *start);
        if (start == NULL) {
            return ERR_NOMEM;
        }
        *start = (struct loop_start){.server = s, .index = s->threads_started};
        const int failed = pthread_create(&s->threads[s->threads_started], NULL, run_loop, start);
        if (failed != 0) {
            free(start);
            log_error("server.thread", "%s", strerror(failed));
            return ERR_UNAVAILABLE;
        }
    }
    (void)pthread_barrier_wait(&s->started);
    return atomic_load(&s->failed) ? ERR_IO : ERR_OK;
}

/* Looks at the keys of tokens meanwhile: unlike a loop, this thread may wait for a disk. */
static void wait_for_signal(const struct server *s, int signals_fd)
{
    struct pollfd poll_fd = {.fd = signals_fd, .events = POLLIN};
    for (;;) {
        const int ready = poll(&poll_fd, 1, s->keys_of_tokens != NULL ? KEY_RING_LOOK_MS : -1);
        if (ready <= 0) {
            if (ready == 0) {
                key_ring_look(s->keys_of_tokens);
            }
            continue;
        }
        const int signal_number = signals_next(signals_fd);
        if (signal_number == SIGTERM || signal_number == SIGINT) {
            log_info("gateway.stopping", "signal=%d", signal_number);
            return;
        }
    }
}

/* Without its pages the gateway does all the rest. */
static enum err load_assets(struct server *s)
{
    if (s->config->web_dir == NULL) {
        return ERR_OK;
    }
    const enum err e = assets_load(s->config->web_dir, &s->assets);
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err open_shared(struct server *s)
{
    s->loops = calloc(s->loops_count, sizeof *s->loops);
    s->threads = calloc(s->loops_count, sizeof *s->threads);
    s->listen_fds = calloc(s->loops_count, sizeof *s->listen_fds);
    s->zmq = zmq_ctx_new();
    if (s->loops == NULL || s->threads == NULL || s->listen_fds == NULL || s->zmq == NULL) {
        return ERR_NOMEM;
    }
    for (unsigned i = 0; i < s->loops_count; i++) {
        s->listen_fds[i] = -1;
    }
    TRY(counters_new(&s->counters));
    TRY(in_flight_keys_new(&s->keys));
    TRY(load_assets(s));
    TRY(rate_limits_new(s->config->access.rates, &s->rates));
    if (s->config->access.jwt) {
        TRY(key_ring_open(s->config->access.keys_file, &s->config->access.policy, s->counters,
                          &s->keys_of_tokens));
    }
    return bind_all(s);
}

static void close_shared(struct server *s)
{
    for (unsigned i = 0; s->listen_fds != NULL && i < s->loops_count; i++) {
        if (s->listen_fds[i] >= 0) {
            (void)close(s->listen_fds[i]);
        }
    }
    if (s->zmq != NULL) {
        (void)zmq_ctx_term(s->zmq);
    }
    h2o_config_dispose(&s->h2o);
    in_flight_keys_destroy(&s->keys);
    key_ring_close(&s->keys_of_tokens);
    rate_limits_destroy(&s->rates);
    metrics_destroy(&s->counters);
    assets_destroy(&s->assets);
    free(s->loops);
    free(s->threads);
    free(s->listen_fds);
}

static void run(struct server *s, int signals_fd)
{
    log_info("gateway.ready", "listen=%s admin=%s loops=%u connections=%zu a loop",
             s->config->listen, s->config->admin_listen, s->loops_count, s->connections_max);
    wait_for_signal(s, signals_fd);
    atomic_store(&s->draining, true);
    for (unsigned i = 0; i < s->loops_count; i++) {
        loop_drain(&s->loops[i]);
    }
}

int server_run(const struct gateway_config *config, int signals_fd)
{
    struct server s = {.config = config,
                       .admin_fd = -1,
                       .loops_count = (unsigned)config->threads,
                       .connections_max = connections_for(config)};
    configure_h2o(&s);
    enum err e = open_shared(&s);
    if (e == ERR_OK) {
        e = start_threads(&s);
        if (s.threads_started < s.loops_count) {
            _exit(1); /* threads wait at the barrier for ones that could not be made */
        }
    }
    if (e == ERR_OK) {
        run(&s, signals_fd);
    }
    for (unsigned i = 0; i < s.threads_started; i++) {
        (void)pthread_join(s.threads[i], NULL);
    }
    close_shared(&s);
    log_info("gateway.stopped", NULL);
    return e == ERR_OK ? 0 : 1;
}
