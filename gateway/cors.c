#include "gateway/cors.h"

#include "gateway/loop.h"
#include "gateway/reply.h"

/* Readable beside those that always are (Fetch standard §3.2.5, "CORS-safelisted"). */
#define EXPOSED                                                                                    \
    "Location, Retry-After, ETag, X-Request-Id, Idempotency-Replayed, RateLimit, "                 \
    "RateLimit-Policy, Allow, Date, Deprecation, Sunset, Link, Content-Disposition, "              \
    "Content-Range, Accept-Ranges, WWW-Authenticate"
#define REQUESTABLE                                                                                \
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, If-Range, "            \
    "Last-Event-ID, Range, X-Request-Id, Cache-Control"
#define PREFLIGHT_MAX_AGE_S "600"

void cors_take(struct exchange *x)
{
    const struct origin_list *origins = &x->loop->config->access.origins;
    struct span origin;
    if (origins->count > 0 && exchange_header(x, "origin", &origin) &&
        origin_listed(origins, origin)) {
        x->origin = origin;
    }
}

void cors_headers_add(struct exchange *x)
{
    const struct access_options *o = &x->loop->config->access;
    if (o->origins.count == 0) {
        return;
    }
    reply_header(x, H2O_TOKEN_VARY, SPAN("Origin"));
    if (x->origin.len == 0) {
        return;
    }
    reply_header_named(x, SPAN("access-control-allow-origin"), x->origin);
    reply_header_named(x, SPAN("access-control-expose-headers"), SPAN(EXPOSED));
    if (o->cookie_name.len > 0) {
        reply_header_named(x, SPAN("access-control-allow-credentials"), SPAN("true"));
    }
}

void cors_reply_options(struct exchange *x, const char *allow)
{
    struct span wanted;
    reply_begin(x, 204);
    reply_header(x, H2O_TOKEN_ALLOW, span_of(allow));
    if (x->origin.len > 0 && exchange_header(x, "access-control-request-method", &wanted)) {
        reply_header_named(x, SPAN("access-control-allow-methods"), span_of(allow));
        reply_header_named(x, SPAN("access-control-allow-headers"), SPAN(REQUESTABLE));
        reply_header_named(x, SPAN("access-control-max-age"), SPAN(PREFLIGHT_MAX_AGE_S));
    }
    reply_empty(x);
}
