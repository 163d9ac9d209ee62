/* The web pages: whatever no route of the API has and the table of assets does. */
#include "core/accept.h"
#include "core/etag.h"
#include "core/initiate.h"
#include "gateway/assets.h"
#include "gateway/cors.h"
#include "gateway/handlers.h"
#include "gateway/loop.h"
#include "gateway/reply.h"
#include "gateway/routes.h"
#include "gateway/server.h"

/* So that they are counted, and found by who looks at an exchange's route. */
static const struct route asset_route = {
    .method = ROUTE_TEXT("GET"), .pattern = ROUTE_TEXT("*"), .counted = COUNTED_ASSETS};

#define ALLOW "GET, HEAD, OPTIONS"

struct fixed_header {
    struct span name, value;
};

/* Pages run their own scripts and styles only, talk to this server only, and are in no frame. */
static const struct fixed_header fixed_headers[] = {
    {ROUTE_TEXT("content-security-policy"),
     ROUTE_TEXT("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
                "form-action 'self'; frame-ancestors 'none'")},
    {ROUTE_TEXT("x-content-type-options"), ROUTE_TEXT("nosniff")},
    {ROUTE_TEXT("x-frame-options"), ROUTE_TEXT("DENY")},
    {ROUTE_TEXT("referrer-policy"), ROUTE_TEXT("no-referrer")},
};

static const struct asset_form *choose_form(const struct exchange *x, const struct asset *asset)
{
    struct span codings;
    if (asset->gzip.bytes != NULL && exchange_header(x, "accept-encoding", &codings) &&
        accept_coding_quality(codings, SPAN("gzip")) > 0) {
        return &asset->gzip;
    }
    return &asset->plain;
}

/* What a 304 has too (RFC 9110 §15.4.5). */
static void add_validators(struct exchange *x, const struct asset_match *m,
                           const struct asset_form *form)
{
    reply_header(x, H2O_TOKEN_ETAG, span_of(form->etag));
    reply_header(x, H2O_TOKEN_CACHE_CONTROL,
                 m->immutable ? SPAN("public, max-age=31536000, immutable") : SPAN("no-cache"));
    if (m->asset->gzip.bytes != NULL) {
        reply_header(x, H2O_TOKEN_VARY, SPAN("accept-encoding"));
    }
}

/* The bytes outlive every request: they are sent as they are, not copied. */
static void send_form(struct exchange *x, const struct asset_form *form)
{
    static h2o_generator_t nothing_more; /* written by nobody: all is sent at once */
    h2o_iovec_t bytes = h2o_iovec_init(form->bytes, form->len);
    x->req->res.content_length = form->len;
    h2o_start_response(x->req, &nothing_more);
    h2o_send(x->req, &bytes, exchange_is_head(x) || form->len == 0 ? 0 : 1, H2O_SEND_STATE_FINAL);
}

static void reply_asset(struct exchange *x, const struct asset_match *m)
{
    const struct asset_form *form = choose_form(x, m->asset);
    struct span none_match;
    if (exchange_header(x, "if-none-match", &none_match) &&
        etag_none_match_has(none_match, span_of(form->etag))) {
        reply_begin(x, 304);
        add_validators(x, m, form);
        reply_empty(x);
        return;
    }
    reply_begin(x, 200);
    add_validators(x, m, form);
    for (size_t i = 0; i < sizeof fixed_headers / sizeof fixed_headers[0]; i++) {
        reply_header_named(x, fixed_headers[i].name, fixed_headers[i].value);
    }
    if (form == &m->asset->gzip) {
        reply_header(x, H2O_TOKEN_CONTENT_ENCODING, SPAN("gzip"));
    }
    reply_header(x, H2O_TOKEN_CONTENT_TYPE, m->asset->content_type);
    send_form(x, form);
}

/* Not for good (a 308 may be kept without an end): another build may have a page there. */
static void reply_moved(struct exchange *x, struct span to)
{
    struct buf *location = &x->loop->scratch;
    buf_reset(location);
    (void)buf_span(location, to);
    if (x->query.len > 0) {
        (void)buf_char(location, '?');
        (void)buf_span(location, x->query);
    }
    if (buf_error(location) != ERR_OK) {
        reply_problem(x, PROBLEM_INTERNAL, (struct span){0});
        return;
    }
    reply_begin(x, 308);
    reply_header(x, H2O_TOKEN_LOCATION, exchange_copy(x, buf_as_span(location)));
    reply_header(x, H2O_TOKEN_CACHE_CONTROL, SPAN("no-cache"));
    reply_empty(x);
}

bool handle_asset(struct exchange *x, enum asset_site site)
{
    const struct asset_match m = assets_find(x->loop->server->assets, site, x->path);
    if (m.asset == NULL) {
        return false;
    }
    x->route = &asset_route;
    const struct span method = span_of_iovec(x->req->method);
    if (span_eq(method, SPAN("OPTIONS"))) {
        cors_reply_options(x, ALLOW);
    } else if (!span_eq(method, SPAN("GET")) && !exchange_is_head(x)) {
        reply_header(x, H2O_TOKEN_ALLOW, SPAN(ALLOW));
        reply_problem(x, PROBLEM_METHOD_NOT_ALLOWED, (struct span){0});
    } else if (x->req->entity.len > INITIATE_BODY_MAX) {
        reply_problem(x, PROBLEM_BODY_TOO_LARGE, (struct span){0});
    } else if (m.moved_to.len > 0) {
        reply_moved(x, m.moved_to);
    } else {
        reply_asset(x, &m);
    }
    return true;
}
