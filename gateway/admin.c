#include "gateway/admin.h"

#include "gateway/exchange.h"
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

static const struct route admin_routes[] = {
    {ROUTE_TEXT("GET"), ROUTE_TEXT("/livez"), reply_live, COUNTED_ADMIN, 0, 0},
    {ROUTE_TEXT("GET"), ROUTE_TEXT("/healthz"), reply_live, COUNTED_ADMIN, 0, 0},
    {ROUTE_TEXT("GET"), ROUTE_TEXT("/readyz"), reply_ready, COUNTED_ADMIN, 0, 0},
    {ROUTE_TEXT("GET"), ROUTE_TEXT("/metrics"), reply_metrics, COUNTED_ADMIN, 0, 0},
};

static const struct route *find(struct span path)
{
    for (size_t i = 0; i < sizeof admin_routes / sizeof admin_routes[0]; i++) {
        if (span_eq(admin_routes[i].pattern, path)) {
            return &admin_routes[i];
        }
    }
    return NULL;
}

int admin_on_request(h2o_handler_t *self, h2o_req_t *req)
{
    (void)self;
    struct exchange *x = exchange_new(loop_of(req), req);
    if (!intake_check(x)) {
        return 0;
    }
    x->route = find(x->path);
    const struct span method = span_of_iovec(req->method);
    if (x->route == NULL) {
        reply_problem(x, PROBLEM_NOT_FOUND, (struct span){0});
    } else if (!span_eq(method, SPAN("GET")) && !exchange_is_head(x)) {
        reply_header(x, H2O_TOKEN_ALLOW, SPAN("GET, HEAD"));
        reply_problem(x, PROBLEM_METHOD_NOT_ALLOWED, (struct span){0});
    } else {
        x->route->handler(x);
    }
    return 0;
}
