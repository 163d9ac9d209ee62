#include "gateway/error_filter.h"

#include "core/problem.h"
#include "gateway/cors.h"
#include "gateway/exchange.h"
#include "gateway/linger.h"
#include "gateway/loop.h"
#include "gateway/reply.h"
#include "gateway/request_ids.h"

struct error_body {
    h2o_ostream_t super;
    struct span body;
};

static void send_instead(h2o_ostream_t *self, h2o_req_t *req, h2o_iovec_t *bufs, size_t bufcnt,
                         h2o_send_state_t state)
{
    struct error_body *e = (struct error_body *)(void *)self;
    h2o_iovec_t body = h2o_iovec_init(e->body.ptr, e->body.len);
    (void)bufs;
    const size_t count = bufcnt > 0 && body.len > 0 ? 1 : 0; /* none for HEAD */
    e->body.len = 0;
    h2o_ostream_send_next(self, req, &body, count, state);
}

static enum problem_code code_of(int status)
{
    switch (status) {
    case 413:
        return PROBLEM_BODY_TOO_LARGE;
    case 417:
        return PROBLEM_EXPECTATION_FAILED;
    default:
        return PROBLEM_BAD_REQUEST;
    }
}

static void replace(h2o_req_t *req, h2o_ostream_t **slot)
{
    struct exchange *x = exchange_new(loop_of(req), req);
    const enum problem_code code = code_of(req->res.status);
    struct buf *body = &x->loop->scratch;
    request_id_take(x);
    linger_after(x);
    cors_take(x);
    req->res.headers.size = 0;
    reply_problem_head(x, code, body);
    req->res.content_length = body->len;
    struct error_body *e = (struct error_body *)(void *)h2o_add_ostream(req, sizeof *e, slot);
    e->super.do_send = send_instead;
    e->body = exchange_copy(x, buf_as_span(body));
}

static void on_setup(h2o_filter_t *self, h2o_req_t *req, h2o_ostream_t **slot)
{
    (void)self;
    h2o_ostream_t **next = slot;
    if (req->res.status >= 400 && req->res.status < 500) {
        replace(req, slot);
        next = &(*slot)->next;
    }
    h2o_setup_next_ostream(req, next);
}

void error_filter_register(h2o_pathconf_t *fallback)
{
    h2o_create_filter(fallback, sizeof(h2o_filter_t))->on_setup_ostream = on_setup;
}
