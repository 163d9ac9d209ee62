#include "gateway/routes.h"

#include "base/ids.h"
#include "core/initiate.h"
#include "gateway/access.h"
#include "gateway/cors.h"
#include "gateway/handlers.h"
#include "gateway/intake.h"
#include "gateway/loop.h"
#include "gateway/reply.h"

#include <string.h>

#define GET_TEXT ROUTE_TEXT("GET")
#define POST_TEXT ROUTE_TEXT("POST")
#define DELETE_TEXT ROUTE_TEXT("DELETE")
#define BODY_MAX INITIATE_BODY_MAX

#define RESERVED(method, name)                                                                     \
    {                                                                                              \
        method, ROUTE_TEXT("/v1/download/" name), NULL, COUNTED_OTHER, 0, BODY_MAX                 \
    }

static const struct route routes[] = {
    {POST_TEXT, ROUTE_TEXT("/v1/download/initiate"), handle_initiate, COUNTED_INITIATE,
     ROUTE_BROKER, BODY_MAX},
    {POST_TEXT, ROUTE_TEXT("/v1/download/start"), handle_initiate, COUNTED_START, ROUTE_BROKER,
     BODY_MAX},
    {GET_TEXT, ROUTE_TEXT("/v1/download/jobs"), handle_jobs, COUNTED_JOBS, ROUTE_REDIS, BODY_MAX},
    {GET_TEXT, ROUTE_TEXT("/v1/download/subscribe"), handle_subscribe_many, COUNTED_SUBSCRIBE_MANY,
     ROUTE_REDIS | ROUTE_TICKET, BODY_MAX},
    {GET_TEXT, ROUTE_TEXT("/v1/download/status/:jobId"), handle_status, COUNTED_STATUS, ROUTE_REDIS,
     BODY_MAX},
    {GET_TEXT, ROUTE_TEXT("/v1/download/subscribe/:jobId"), handle_subscribe, COUNTED_SUBSCRIBE,
     ROUTE_REDIS | ROUTE_TICKET, BODY_MAX},
    {POST_TEXT, ROUTE_TEXT("/v1/download/tickets"), handle_tickets, COUNTED_TICKETS, ROUTE_REDIS,
     BODY_MAX},
    {POST_TEXT, ROUTE_TEXT("/v1/download/cancel/:jobId"), handle_cancel, COUNTED_CANCEL,
     ROUTE_BROKER, BODY_MAX},
    {POST_TEXT, ROUTE_TEXT("/v1/download/retry/:jobId"), handle_retry, COUNTED_RETRY, ROUTE_BROKER,
     BODY_MAX},
    {GET_TEXT, ROUTE_TEXT("/v1/download/files/*"), handle_files, COUNTED_FILES, ROUTE_OPEN,
     BODY_MAX},
    /* Names that are no job ids: of endpoints that need one behind them, or that this build does
     * not offer. */
    RESERVED(GET_TEXT, "files"),
    RESERVED(GET_TEXT, "status"),
    RESERVED(POST_TEXT, "cancel"),
    RESERVED(POST_TEXT, "retry"),
    {GET_TEXT, ROUTE_TEXT("/v1/download/:jobId/history"), handle_history, COUNTED_HISTORY,
     ROUTE_REDIS, BODY_MAX},
    {GET_TEXT, ROUTE_TEXT("/v1/download/:jobId"), handle_result, COUNTED_RESULT, ROUTE_REDIS,
     BODY_MAX},
    {DELETE_TEXT, ROUTE_TEXT("/v1/download/:jobId"), handle_remove, COUNTED_REMOVE, ROUTE_BROKER,
     BODY_MAX},
};
enum { ROUTES = sizeof routes / sizeof routes[0] };

/* What a combination of methods (bits as in `method_bit`) is as the value of Allow. */
static const char *const allow_texts[8] = {[1] = "GET, HEAD, OPTIONS",
                                           [2] = "POST, OPTIONS",
                                           [4] = "DELETE, OPTIONS",
                                           [5] = "GET, HEAD, DELETE, OPTIONS"};

static unsigned method_bit(struct span method)
{
    return span_eq(method, SPAN("GET"))    ? METHOD_GET
           : span_eq(method, SPAN("POST")) ? METHOD_POST
                                           : METHOD_DELETE;
}

/* `path` is what "/prefix/:name/rest" says; *param the segment. */
static bool segment_fits(struct span pattern, size_t prefix, struct span path, struct span *param)
{
    const struct span open = {pattern.ptr + prefix, pattern.len - prefix};
    const struct span last = {path.ptr + prefix, path.len - prefix};
    struct span name, rest_wanted, rest;
    const bool goes_on = span_cut(open, '/', &name, &rest_wanted);
    return span_cut(last, '/', param, &rest) == goes_on && span_eq(rest, rest_wanted) &&
           param->len > 0;
}

static bool pattern_fits(struct span pattern, struct span path, struct span *param)
{
    const char *mark = memchr(pattern.ptr, ':', pattern.len);
    const bool segment = mark != NULL;
    if (mark == NULL) {
        mark = memchr(pattern.ptr, '*', pattern.len);
    }
    *param = (struct span){0};
    if (mark == NULL) {
        return span_eq(pattern, path);
    }
    const size_t prefix = (size_t)(mark - pattern.ptr);
    if (path.len <= prefix || memcmp(path.ptr, pattern.ptr, prefix) != 0) {
        return false;
    }
    *param = (struct span){path.ptr + prefix, path.len - prefix};
    return !segment || segment_fits(pattern, prefix, path, param);
}

static bool method_fits(struct span method, struct span offered)
{
    return span_eq(method, offered) ||
           (span_eq(method, SPAN("HEAD")) && span_eq(offered, SPAN("GET")));
}

const struct route *routes_all(size_t *count)
{
    *count = ROUTES;
    return routes;
}

static bool names_a_job(struct span pattern)
{
    return memmem(pattern.ptr, pattern.len, ":jobId", sizeof(":jobId") - 1) != NULL;
}

struct route_match routes_find_in(const struct route *table, size_t count, struct span method,
                                  struct span path)
{
    struct route_match m = {.found = ROUTE_UNKNOWN};
    struct span matched = {0};
    for (size_t i = 0; i < count; i++) {
        const struct route *r = &table[i];
        struct span param;
        if ((matched.ptr != NULL && !span_eq(matched, r->pattern)) ||
            !pattern_fits(r->pattern, path, &param)) {
            continue;
        }
        matched = r->pattern;
        if (method_fits(method, r->method)) {
            if (r->handler == NULL) {
                return m;
            }
            m.found = names_a_job(r->pattern) && !job_id_valid(param) ? ROUTE_BAD_ID : ROUTE_FOUND;
            m.route = r;
            m.param = param;
            return m;
        }
        m.methods |= method_bit(r->method);
    }
    m.found = m.methods != 0 ? ROUTE_BAD_METHOD : ROUTE_UNKNOWN;
    return m;
}

struct route_match routes_find(struct span method, struct span path)
{
    struct route_match m = routes_find_in(routes, ROUTES, method, path);
    m.allow = m.found == ROUTE_BAD_METHOD ? allow_texts[m.methods] : NULL;
    return m;
}

static void refuse_method(struct exchange *x, const char *allow)
{
    reply_header(x, H2O_TOKEN_ALLOW, span_of(allow));
    reply_problem(x, PROBLEM_METHOD_NOT_ALLOWED, (struct span){0});
}

void routes_handle(struct exchange *x)
{
    const struct route *route = x->route;
    if ((route->flags & ROUTE_REDIS) != 0 && !redis_conn_up(x->loop->redis)) {
        reply_problem(x, PROBLEM_UNAVAILABLE, SPAN("The job records cannot be reached now"));
    } else if ((route->flags & ROUTE_BROKER) != 0 && !broker_link_usable(&x->loop->brokers)) {
        reply_problem(x, PROBLEM_UNAVAILABLE, SPAN("No broker is ready now"));
    } else {
        route->handler(x);
    }
}

static void run(struct exchange *x)
{
    if (x->req->entity.len > x->route->body_max) {
        reply_problem(x, PROBLEM_BODY_TOO_LARGE, (struct span){0});
    } else {
        routes_handle(x);
    }
}

static void dispatch(struct exchange *x)
{
    const struct span method = span_of_iovec(x->req->method);
    const struct route_match m = routes_find(method, x->path);
    x->route = m.route;
    x->param = m.param;
    switch (m.found) {
    case ROUTE_FOUND:
        access_admit(x, run);
        break;
    case ROUTE_BAD_ID:
        reply_problem(x, PROBLEM_JOB_NOT_FOUND, (struct span){0});
        break;
    case ROUTE_BAD_METHOD:
        if (span_eq(method, SPAN("OPTIONS"))) {
            cors_reply_options(x, m.allow);
        } else {
            refuse_method(x, m.allow);
        }
        break;
    case ROUTE_UNKNOWN:
        if (!handle_asset(x, ASSETS_PUBLIC)) {
            reply_problem(x, PROBLEM_NOT_FOUND, (struct span){0});
        }
        break;
    }
}

/* A browser shows no page why its preflight failed: it costs nothing, what follows it does. */
static uint32_t tokens_of(const h2o_req_t *req)
{
    return span_eq(span_of_iovec(req->method), SPAN("OPTIONS")) ? 0 : 1;
}

int routes_on_request(h2o_handler_t *self, h2o_req_t *req)
{
    (void)self;
    struct exchange *x = exchange_new(loop_of(req), req);
    cors_take(x);
    if (intake_check(x) && rate_admit_address(x, tokens_of(req))) {
        dispatch(x);
    }
    return 0;
}
