#include "gateway/reply.h"

#include "gateway/cors.h"
#include "gateway/counters.h"
#include "gateway/deprecation.h"
#include "gateway/loop.h"
#include "gateway/routes.h"

#include <inttypes.h>
#include <stdio.h>

enum { INSTANCE_MAX = 512 /* bytes of the request's path shown in a problem */ };

struct reason {
    int status;
    const char *text;
};

static const struct reason reasons[] = {
    {200, "OK"},    {202, "Accepted"},     {204, "No Content"},         {206, "Partial Content"},
    {302, "Found"}, {304, "Not Modified"}, {308, "Permanent Redirect"},
};

static const char *reason_of(int status)
{
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].status == status) {
            return reasons[i].text;
        }
    }
    return problem_reason((uint16_t)status);
}

void reply_begin(struct exchange *x, int status)
{
    h2o_req_t *req = x->req;
    list_remove(&x->of_unanswered);
    req->res.status = status;
    req->res.reason = reason_of(status);
    if (x->loop->draining) {
        req->http1_is_persistent = 0;
    }
    const enum counted_route route = x->route != NULL ? x->route->counted : COUNTED_OTHER;
    count_request(x->loop->counters, route, status);
    reply_header_named(x, SPAN("x-request-id"), x->request_id);
    deprecation_add(x);
    cors_headers_add(x);
    rate_headers_add(x);
}

void reply_header(struct exchange *x, const h2o_token_t *name, struct span value)
{
    h2o_add_header(&x->req->pool, &x->req->res.headers, name, NULL, value.ptr, value.len);
}

void reply_header_named(struct exchange *x, struct span name, struct span value)
{
    h2o_add_header_by_str(&x->req->pool, &x->req->res.headers, name.ptr, name.len, 0, NULL,
                          value.ptr, value.len);
}

void reply_retry_after(struct exchange *x, uint64_t seconds)
{
    char *text = h2o_mem_alloc_pool(&x->req->pool, sizeof(H2O_UINT64_LONGEST_STR));
    const int len = snprintf(text, sizeof(H2O_UINT64_LONGEST_STR), "%" PRIu64, seconds);
    reply_header_named(x, SPAN("retry-after"), (struct span){text, (size_t)len});
}

void reply_body(struct exchange *x, struct span content_type, struct span body)
{
    if (content_type.len > 0) {
        reply_header(x, H2O_TOKEN_CONTENT_TYPE, content_type);
    }
    x->req->res.content_length = body.len;
    h2o_send_inline(x->req, body.ptr, body.len);
}

void reply_empty(struct exchange *x)
{
    const int status = x->req->res.status;
    /* RFC 9110 §8.6: these two have no Content-Length, and end with their head all the same. */
    x->req->res.content_length = status == 204 || status == 304 ? SIZE_MAX : 0;
    h2o_send_inline(x->req, "", 0);
}

void reply_scratch(struct exchange *x, struct span content_type)
{
    if (buf_error(&x->loop->scratch) != ERR_OK) {
        x->req->res.headers.size = 0;
        reply_problem(x, PROBLEM_INTERNAL, (struct span){0});
        return;
    }
    reply_body(x, content_type, buf_as_span(&x->loop->scratch));
}

static struct span instance_of(const struct exchange *x)
{
    struct span path = x->path; /* has only bytes of URIs, also where the target is not valid */
    path.len = path.len < INSTANCE_MAX ? path.len : INSTANCE_MAX;
    return path;
}

/* Status, headers and the body's text, but for what says where the body goes. */
static void begin_problem(struct exchange *x, const struct problem *p, uint64_t retry_after_s,
                          struct buf *body)
{
    buf_reset(body);
    problem_render(p, body);
    count_rejection(x->loop->counters, p->code);
    reply_begin(x, problem_def(p->code)->http_status);
    reply_header(x, H2O_TOKEN_CACHE_CONTROL, SPAN("no-store"));
    if (retry_after_s > 0) {
        reply_retry_after(x, retry_after_s);
    }
}

static void send_problem(struct exchange *x, const struct problem *p, uint64_t retry_after_s)
{
    struct buf *body = &x->loop->scratch;
    begin_problem(x, p, retry_after_s, body);
    /* A body that cannot be rendered (no memory) is left out rather than tried again. */
    const struct span bytes = buf_error(body) == ERR_OK ? buf_as_span(body) : SPAN("");
    reply_body(x, SPAN(PROBLEM_CONTENT_TYPE), bytes);
}

void reply_problem_head(struct exchange *x, enum problem_code code, struct buf *body)
{
    const struct problem p = {
        .code = code, .instance = instance_of(x), .request_id = x->request_id};
    begin_problem(x, &p, 0, body);
    reply_header(x, H2O_TOKEN_CONTENT_TYPE, SPAN(PROBLEM_CONTENT_TYPE));
}

void reply_problem(struct exchange *x, enum problem_code code, struct span detail)
{
    const struct problem p = {
        .code = code, .detail = detail, .instance = instance_of(x), .request_id = x->request_id};
    send_problem(x, &p, problem_def(code)->retry_after_s);
}

void reply_problem_at(struct exchange *x, enum problem_code code, struct span detail,
                      struct span pointer)
{
    const struct problem p = {.code = code,
                              .detail = detail,
                              .instance = instance_of(x),
                              .request_id = x->request_id,
                              .has_pointer = true,
                              .pointer = pointer};
    send_problem(x, &p, problem_def(code)->retry_after_s);
}

void reply_problem_later(struct exchange *x, enum problem_code code, uint64_t retry_after_s)
{
    const struct problem p = {
        .code = code, .instance = instance_of(x), .request_id = x->request_id};
    send_problem(x, &p, retry_after_s);
}

void reply_err(struct exchange *x, enum err err)
{
    enum problem_code code = PROBLEM_UNAVAILABLE;
    if (err == ERR_NOT_FOUND) {
        code = PROBLEM_JOB_NOT_FOUND;
    } else if (err == ERR_INTERNAL || err == ERR_INVALID) {
        code = PROBLEM_INTERNAL;
    }
    reply_problem(x, code, (struct span){0});
}
