#include "gateway/admin.h"

#include "core/admin_request.h"
#include "gateway/admin_guard.h"
#include "gateway/admin_handlers.h"
#include "gateway/exchange.h"
#include "gateway/handlers.h"
#include "gateway/intake.h"
#include "gateway/loop.h"
#include "gateway/reply.h"
#include "gateway/routes.h"
#include "gateway/server.h"

static void reply_live(struct exchange *x)
{
    reply_begin(x, 200);
    reply_header(x, H2O_TOKEN_CACHE_CONTROL, SPAN("no-store"));
    reply_body(x, REPLY_JSON, SPAN("{\"live\":true}"));
}

static void member(struct buf *out, const char *name, bool value)
{
    (void)buf_json_string(out, span_of(name));
    (void)buf_char(out, ':');
    (void)buf_text(out, value ? "true" : "false");
}

static unsigned health_of_all(struct server *s)
{
    unsigned health = LOOP_HAS_REDIS | LOOP_HAS_BROKER;
    for (unsigned i = 0; i < s->loops_count; i++) {
        health &= atomic_load(&s->loops[i].health);
    }
    return health;
}

static void reply_ready(struct exchange *x)
{
    struct gateway_loop *loop = x->loop;
    const unsigned health = health_of_all(loop->server);
    const bool redis = (health & LOOP_HAS_REDIS) != 0;
    const bool broker = (health & LOOP_HAS_BROKER) != 0;
    const bool draining = atomic_load(&loop->server->draining);
    const bool ready = redis && broker && !draining;
    struct buf *body = &loop->scratch;
    buf_reset(body);
    (void)buf_char(body, '{');
    member(body, "ready", ready);
    (void)buf_char(body, ',');
    member(body, "redis", redis);
    (void)buf_char(body, ',');
    member(body, "broker", broker);
    (void)buf_char(body, ',');
    member(body, "draining", draining);
    (void)buf_char(body, '}');
    reply_begin(x, ready ? 200 : 503);
    reply_header(x, H2O_TOKEN_CACHE_CONTROL, SPAN("no-store"));
    reply_scratch(x, REPLY_JSON);
}

static void reply_metrics(struct exchange *x)
{
    struct buf *body = &x->loop->scratch;
    buf_reset(body);
    if (metrics_render(x->loop->counters, body) != ERR_OK) {
        reply_problem(x, PROBLEM_INTERNAL, (struct span){0});
        return;
    }
    reply_begin(x, 200);
    reply_scratch(x, SPAN("text/plain; version=0.0.4; charset=utf-8"));
}

/* Health and metrics are asked for by programs, by any name; the rest is guarded. */
enum { OF_OPERATOR = 1 << 8 /* beside enum route_flags */ };

static const struct route admin_routes[] = {
    {ROUTE_TEXT("GET"), ROUTE_TEXT("/livez"), reply_live, COUNTED_ADMIN, 0, 0},
    {ROUTE_TEXT("GET"), ROUTE_TEXT("/healthz"), reply_live, COUNTED_ADMIN, 0, 0},
    {ROUTE_TEXT("GET"), ROUTE_TEXT("/readyz"), reply_ready, COUNTED_ADMIN, 0, 0},
    {ROUTE_TEXT("GET"), ROUTE_TEXT("/metrics"), reply_metrics, COUNTED_ADMIN, 0, 0},
    {ROUTE_TEXT("GET"), ROUTE_TEXT("/admin/api/overview"), admin_overview, COUNTED_ADMIN,
     OF_OPERATOR, 0},
    {ROUTE_TEXT("GET"), ROUTE_TEXT("/admin/api/workers"), admin_workers, COUNTED_ADMIN, OF_OPERATOR,
     0},
    {ROUTE_TEXT("POST"), ROUTE_TEXT("/admin/api/workers/:id/drain"), admin_drain, COUNTED_ADMIN,
     OF_OPERATOR, ADMIN_BODY_MAX},
    {ROUTE_TEXT("GET"), ROUTE_TEXT("/admin/api/jobs"), handle_jobs, COUNTED_ADMIN,
     OF_OPERATOR | ROUTE_REDIS, 0},
    {ROUTE_TEXT("POST"), ROUTE_TEXT("/admin/api/jobs/retry"), admin_jobs_retry, COUNTED_ADMIN,
     OF_OPERATOR | ROUTE_BROKER, ADMIN_BODY_MAX},
    {ROUTE_TEXT("POST"), ROUTE_TEXT("/admin/api/jobs/cancel"), admin_jobs_cancel, COUNTED_ADMIN,
     OF_OPERATOR | ROUTE_BROKER, ADMIN_BODY_MAX},
    {ROUTE_TEXT("GET"), ROUTE_TEXT("/admin/api/jobs/:jobId"), admin_job, COUNTED_ADMIN,
     OF_OPERATOR | ROUTE_REDIS, 0},
};

static void run(struct exchange *x)
{
    const struct route *route = x->route;
    const bool changes = span_eq(route->method, SPAN("POST"));
    if ((route->flags & OF_OPERATOR) != 0 &&
        !(admin_guard_read(x) && (!changes || admin_guard_change(x)))) {
        return;
    }
    if (changes && x->req->entity.len > route->body_max) {
        reply_problem(x, PROBLEM_BODY_TOO_LARGE, SPAN("A body may have at most 16384 bytes here"));
    } else {
        routes_handle(x);
    }
}

/* A page that shows nothing without its API is guarded like it. */
static void page(struct exchange *x)
{
    const bool of_page = span_starts(x->path, SPAN("/admin"));
    if (of_page && !admin_guard_read(x)) {
        return;
    }
    if (!of_page || !handle_asset(x, ASSETS_ADMIN)) {
        reply_problem(x, PROBLEM_NOT_FOUND, (struct span){0});
    }
}

static void dispatch(struct exchange *x)
{
    const struct route_match m =
        routes_find_in(admin_routes, sizeof admin_routes / sizeof admin_routes[0],
                       span_of_iovec(x->req->method), x->path);
    x->route = m.route;
    x->param = m.param;
    switch (m.found) {
    case ROUTE_FOUND:
        run(x);
        break;
    case ROUTE_BAD_ID:
        reply_problem(x, PROBLEM_JOB_NOT_FOUND, (struct span){0});
        break;
    case ROUTE_BAD_METHOD:
        reply_header(x, H2O_TOKEN_ALLOW,
                     m.methods == METHOD_POST ? SPAN("POST") : SPAN("GET, HEAD"));
        reply_problem(x, PROBLEM_METHOD_NOT_ALLOWED, (struct span){0});
        break;
    case ROUTE_UNKNOWN:
        page(x);
        break;
    }
}

int admin_on_request(h2o_handler_t *self, h2o_req_t *req)
{
    (void)self;
    struct exchange *x = exchange_new(loop_of(req), req);
    if (intake_check(x)) {
        dispatch(x);
    }
    return 0;
}
