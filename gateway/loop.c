#include "gateway/loop.h"

#include "base/clock.h"
#include "base/log.h"
#include "gateway/drain.h"
#include "gateway/idlers.h"
#include "gateway/linger.h"
#include "gateway/redis_port.h"
#include "gateway/reply.h"
#include "gateway/server.h"
#include "gateway/transfer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct gateway_loop *loop_of(const h2o_req_t *req)
{
    return OWNER_OF(struct gateway_loop, h2o, req->conn->ctx);
}

static void on_tick(h2o_timeout_entry_t *entry)
{
    struct gateway_loop *loop = OWNER_OF(struct gateway_loop, ticker, entry);
    const int64_t now_ms = clock_mono_ms();
    h2o_timeout_link(loop->h2o.loop, &loop->tick, &loop->ticker);
    atomic_store(&loop->health, (redis_conn_up(loop->redis) ? LOOP_HAS_REDIS : 0U) |
                                    (broker_link_usable(&loop->brokers) ? LOOP_HAS_BROKER : 0U));
    redis_conn_tick(loop->redis, now_ms);
    broker_link_tick(&loop->brokers, now_ms);
    hub_tick(&loop->hub, now_ms);
    transfers_tick(loop, now_ms);
    lingers_tick(loop, now_ms);
    idlers_tick(loop, now_ms);
    listener_tick(&loop->public);
    listener_tick(&loop->admin);
}

static void on_redis_up(void *context)
{
    struct gateway_loop *loop = context;
    hub_refresh(&loop->hub);
}

static void on_redis_down(void *context)
{
    (void)context; /* routes look at redis_conn_up; streams wait for on_redis_up */
}

static enum err open_redis(struct gateway_loop *loop)
{
    const struct gateway_config *c = loop->config;
    const struct redis_conn_config config = {
        .socket_path = c->redis_socket,
        .host = c->redis_host,
        .port = (int)c->redis_port,
        .username = c->redis_user,
        .password = c->redis_password,
        .timeout_ms = REDIS_TIMEOUT_MS,
        .in_flight_max = REDIS_IN_FLIGHT_MAX,
    };
    const struct redis_conn_events events = {
        .context = loop, .up = on_redis_up, .down = on_redis_down};
    const struct redis_loop port = redis_port_loop(&loop->h2o);
    return redis_conn_open(&config, &port, &events, &loop->redis);
}

static void open_h2o(struct gateway_loop *loop)
{
    struct server *server = loop->server;
    h2o_context_init(&loop->h2o, h2o_evloop_create(), &server->h2o);
    h2o_timeout_init(loop->h2o.loop, &loop->soon, LOOP_SOON_MS);
    h2o_timeout_init(loop->h2o.loop, &loop->tick, LOOP_TICK_MS);
    loop->ticker.cb = on_tick;
    h2o_multithread_register_receiver(loop->h2o.queue, &loop->control, drain_on_message);
}

static void open_listeners(struct gateway_loop *loop)
{
    struct server *server = loop->server;
    listener_open(&loop->public, server->listen_fds[loop->index], &loop->h2o, server->public_host,
                  server->connections_max, loop->counters);
    server->listen_fds[loop->index] = -1;
    if (loop->index == 0) {
        listener_open(&loop->admin, server->admin_fd, &loop->h2o, server->admin_host,
                      ADMIN_CONNECTIONS_MAX, loop->counters);
        server->admin_fd = -1;
    }
}

enum err loop_open(struct gateway_loop *loop, struct server *server, unsigned index)
{
    *loop = (struct gateway_loop){
        .server = server, .config = server->config, .counters = server->counters, .index = index};
    list_init(&loop->unanswered);
    list_init(&loop->transfers);
    list_init(&loop->lingers);
    buf_init(&loop->scratch, SCRATCH_MAX);
    id_source_init(&loop->ids);
    open_h2o(loop);
    TRY(wire_reader_new(&loop->reader));
    TRY(links_open(&loop->links, loop->config));
    TRY(open_redis(loop));
    const struct broker_link_config brokers = {
        .context = &loop->h2o,
        .soon = &loop->soon,
        .zmq = server->zmq,
        .endpoints = &loop->config->brokers,
        .counters = loop->counters,
        .reader = loop->reader,
    };
    survey_open(&loop->survey, &loop->brokers);
    TRY(broker_link_open(&loop->brokers, &brokers));
    TRY(hub_open(&loop->hub, loop));
    redis_conn_tick(loop->redis, clock_mono_ms());
    h2o_timeout_link(loop->h2o.loop, &loop->tick, &loop->ticker);
    open_listeners(loop);
    return ERR_OK;
}

void loop_run(struct gateway_loop *loop)
{
    while (!drain_is_over(loop)) {
        if (h2o_evloop_run(loop->h2o.loop, LOOP_TICK_MS) != 0 && errno != EINTR) {
            log_error("loop.failed", "%s", strerror(errno));
            return;
        }
    }
}

static int cut_connection(h2o_req_t *req, void *unused)
{
    (void)unused;
    h2o_socket_t *sock = req->conn->callbacks->get_socket(req->conn);
    (void)shutdown(h2o_socket_get_fd(sock), SHUT_RDWR);
    return 0;
}

/* What is still connected (clients at the drain's deadline, the admin listener's) is cut off, and
 * the loop turns until libh2o has noticed. Not all: one that waits for an answer notices nothing.
 */
static bool cut_connections(struct gateway_loop *loop)
{
    const h2o_globalconf_t *conf = loop->h2o.globalconf;
    (void)conf->http1.callbacks.foreach_request(&loop->h2o, cut_connection, NULL);
    for (int i = 0; i < CLOSING_TURNS_MAX; i++) {
        const bool all = loop->public.connections == 0 && loop->admin.connections == 0;
        if (all && i >= CLOSING_TURNS_MIN) {
            return true;
        }
        (void)h2o_evloop_run(loop->h2o.loop, 0);
    }
    return false;
}

/* Who still waits for Redis or a broker gets no answer from them any more, and libh2o lets go of a
 * request only after its reply. */
static void answer_all(struct gateway_loop *loop)
{
    while (!list_empty(&loop->unanswered)) {
        reply_err(LIST_ENTRY(loop->unanswered.next, struct exchange, of_unanswered),
                  ERR_UNAVAILABLE);
    }
}

static void close_h2o(struct gateway_loop *loop)
{
    h2o_loop_t *evloop = loop->h2o.loop;
    answer_all(loop);
    if (!cut_connections(loop)) {
        log_warn("loop.cut", "loop=%u connections=%zu", loop->index, loop->public.connections);
        return; /* what they hold stays until the process ends, which is now */
    }
    h2o_multithread_unregister_receiver(loop->h2o.queue, &loop->control);
    h2o_timeout_dispose(evloop, &loop->soon);
    h2o_timeout_dispose(evloop, &loop->tick);
    h2o_context_dispose(&loop->h2o);
    h2o_evloop_destroy(evloop);
}

void loop_close(struct gateway_loop *loop)
{
    if (loop->h2o.loop == NULL) {
        return;
    }
    listener_close(&loop->public);
    listener_close(&loop->admin);
    lingers_close(loop);
    if (loop->redis != NULL) { /* before the hub, which its last answers go to */
        redis_conn_close(&loop->redis);
    }
    hub_close(&loop->hub);
    survey_close(&loop->survey);
    broker_link_close(&loop->brokers);
    if (h2o_timeout_is_linked(&loop->ticker)) {
        h2o_timeout_unlink(&loop->ticker);
    }
    close_h2o(loop);
    links_clear(&loop->links);
    wire_reader_destroy(&loop->reader);
    for (struct late *late; (late = loop->late_free) != NULL;) {
        loop->late_free = late->next_free;
        free(late);
    }
    buf_clear(&loop->scratch);
}
