#include "gateway/idlers.h"

#include "base/clock.h"
#include "gateway/loop.h"

#include <sys/socket.h>

/* Forward, of the wall clock against the monotonic one: more is no drift. */
enum { STEP_MS = 1000 };

struct look {
    struct gateway_loop *loop;
    int64_t wall_ms;            /* libh2o notes when a request began by the wall clock */
    bool stepped;               /* which was set since the last look: it says nothing now */
    size_t of_public, of_admin; /* idle ones still to be closed */
};

static bool is_full(const struct listener *l)
{
    return l->sock != NULL && l->connections >= l->connections_max;
}

/* How many connections must make room. */
static size_t surplus(const struct listener *l)
{
    const size_t share = 1 + l->connections_max / IDLERS_SHARE;
    return !is_full(l) ? 0 : share < IDLERS_CLOSED_MAX ? share : IDLERS_CLOSED_MAX;
}

/* `how` of shutdown(2); libh2o notices the end in its next read, and closes. */
static void cut(h2o_req_t *req, int how)
{
    h2o_socket_t *sock = req->conn->callbacks->get_socket(req->conn);
    (void)shutdown(h2o_socket_get_fd(sock), how);
}

static int look_at(h2o_req_t *req, void *data)
{
    struct look *look = data;
    struct timeval *begun = &req->timestamps.request_begin_at;
    size_t *left = req->conn->hosts == look->loop->admin.hosts ? &look->of_admin : &look->of_public;
    if (!h2o_timeval_is_null(&req->processed_at.at)) {
        return 0; /* it is being answered */
    }
    if (!h2o_timeval_is_null(begun)) {
        const int64_t begun_ms = (int64_t)begun->tv_sec * 1000 + begun->tv_usec / 1000;
        if (!look->stepped && look->wall_ms - begun_ms >= REQUEST_READ_MS) {
            cut(req, SHUT_RDWR);
        }
    } else if (*left > 0) {
        --*left;
        cut(req, SHUT_RD); /* a request that has arrived is still answered */
    }
    return 0;
}

void idlers_tick(struct gateway_loop *loop, int64_t now_ms)
{
    if (now_ms < loop->idlers_at_ms && !is_full(&loop->public) && !is_full(&loop->admin)) {
        return;
    }
    loop->idlers_at_ms = now_ms + IDLERS_LOOK_MS;
    const int64_t wall_ms = clock_wall_ms();
    const int64_t ahead_ms = wall_ms - now_ms;
    struct look look = {.loop = loop,
                        .wall_ms = wall_ms,
                        .stepped = ahead_ms - loop->idlers_ahead_ms > STEP_MS,
                        .of_public = surplus(&loop->public),
                        .of_admin = surplus(&loop->admin)};
    loop->idlers_ahead_ms = ahead_ms;
    (void)loop->h2o.globalconf->http1.callbacks.foreach_request(&loop->h2o, look_at, &look);
}
