#include "gateway/drain.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>
#include <sys/socket.h>

struct drain_message {
    h2o_multithread_message_t super;
};

void loop_drain(struct gateway_loop *loop)
{
    struct drain_message *m = h2o_mem_alloc(sizeof *m);
    *m = (struct drain_message){0};
    h2o_multithread_send_message(&loop->control, &m->super);
}

/* An idle connection is woken by its end of input; what already arrived on it is still read. One
 * that is being answered is closed after its reply. */
static int close_or_mark(h2o_req_t *req, void *unused)
{
    (void)unused;
    req->http1_is_persistent = 0;
    if (req->version == 0) {
        h2o_socket_t *sock = req->conn->callbacks->get_socket(req->conn);
        (void)shutdown(h2o_socket_get_fd(sock), SHUT_RD);
    }
    return 0;
}

static void start(struct gateway_loop *loop)
{
    if (loop->draining) {
        return;
    }
    loop->draining = true;
    loop->drain_until_ms = clock_mono_ms() + loop->config->drain_s * 1000;
    listener_close(&loop->public);
    /* What h2o_context_request_shutdown does, without its timer for HTTP/2, which is not used and
     * would still stand when the context is disposed of. */
    loop->h2o.shutdown_requested = 1;
    loop->h2o.globalconf->http1.callbacks.foreach_request(&loop->h2o, close_or_mark, NULL);
    hub_stop(&loop->hub);
    log_info("loop.draining", "loop=%u connections=%zu", loop->index, loop->public.connections);
}

void drain_on_message(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
    struct gateway_loop *loop = OWNER_OF(struct gateway_loop, control, receiver);
    while (!h2o_linklist_is_empty(messages)) {
        struct drain_message *m = OWNER_OF(struct drain_message, super.link, messages->next);
        h2o_linklist_unlink(&m->super.link);
        free(m);
        start(loop);
    }
}

bool drain_is_over(const struct gateway_loop *loop)
{
    return loop->draining &&
           (loop->public.connections == 0 || clock_mono_ms() >= loop->drain_until_ms);
}
