#include "gateway/access_options.h"

#include "core/cookie.h"
#include "gateway/key_ring.h"

#include <string.h>

/* A page needs one for each stream it opens: 2 a second is much, and with TICKET_TTL_S leaves at
 * most 160 of a user in Redis. */
static const struct rate TICKET_RATE = {.tokens = 2, .period_ms = 1000, .burst = 100};

static bool given(const char *text)
{
    return text != NULL && *text != '\0';
}

static enum err refuse(struct buf *message, const char *why)
{
    (void)buf_text(message, why);
    return ERR_INVALID;
}

static enum err check_mode(struct access_options *o, struct buf *message)
{
    o->jwt = strcmp(o->auth, "jwt") == 0;
    if (!o->jwt && strcmp(o->auth, "none") != 0) {
        return refuse(message, "--auth must be none or jwt\n");
    }
    const bool has_keys = given(o->jwks_file) || given(o->secret_file);
    if (!o->jwt && (has_keys || given(o->algorithms) || given(o->issuer) || given(o->audience) ||
                    given(o->cookie))) {
        return refuse(message, "--jwt-… options need --auth jwt\n");
    }
    if (o->jwt && given(o->jwks_file) == given(o->secret_file)) {
        return refuse(message, "--auth jwt needs one of --jwt-jwks-file and --jwt-secret-file\n");
    }
    return ERR_OK;
}

/* A key set's owner signs tokens for many services; a secret is shared with this one. */
static enum err check_policy(struct access_options *o, struct buf *message)
{
    struct jwt_policy *p = &o->policy;
    struct span bad;
    p->source = given(o->jwks_file) ? JWT_FROM_KEY_SET : JWT_FROM_SECRET;
    p->claims = (struct claims_policy){
        .issuer = span_of(o->issuer), .audience = span_of(o->audience), .leeway_s = o->leeway_s};
    o->keys_file = p->source == JWT_FROM_KEY_SET ? o->jwks_file : o->secret_file;
    if (p->source == JWT_FROM_KEY_SET &&
        (p->claims.issuer.len == 0 || p->claims.audience.len == 0)) {
        return refuse(message, "--jwt-jwks-file needs --jwt-issuer and --jwt-audience: its keys "
                               "also sign tokens that are not for this service\n");
    }
    const enum err e = jwt_algorithms_parse(span_of(o->algorithms), p->source, &p->pinned, &bad);
    if (e == ERR_DENIED) {
        (void)buf_printf(message, "--jwt-algorithms: %.*s is not for keys of this kind of file\n",
                         SPAN_ARG(bad));
    } else if (e != ERR_OK) {
        (void)buf_printf(message, "--jwt-algorithms: '%.*s' is not offered\n", SPAN_ARG(bad));
    }
    return e == ERR_OK ? ERR_OK : ERR_INVALID;
}

static enum err check_cookie(struct access_options *o, struct buf *message)
{
    o->cookie_name = span_of(o->cookie);
    if (o->cookie_name.len > 0 && !cookie_name_valid(o->cookie_name)) {
        return refuse(message, "--jwt-cookie is not the name of a cookie\n");
    }
    return ERR_OK;
}

static enum err check_keys(const struct access_options *o, struct buf *message)
{
    struct buf why;
    buf_init(&why, 1024);
    const enum err e = key_file_check(o->keys_file, &o->policy, &why);
    if (e != ERR_OK) {
        (void)buf_printf(message, "--jwt-%s-file %s: %.*s\n",
                         o->policy.source == JWT_FROM_KEY_SET ? "jwks" : "secret", o->keys_file,
                         SPAN_ARG(buf_as_span(&why)));
    }
    buf_clear(&why);
    return e;
}

static enum err check_origins(struct access_options *o, struct buf *message)
{
    struct span bad;
    if (origin_list_parse(span_of(o->origins_text), &o->origins, &bad) != ERR_OK) {
        (void)buf_printf(message,
                         "--cors-origins: '%.*s' is no origin as browsers send it (https://HOST, "
                         "lower case, no path, no default port), or there are more than %d\n",
                         SPAN_ARG(bad), ORIGINS_MAX);
        return ERR_INVALID;
    }
    return ERR_OK;
}

static enum err check_rate(const char *name, const char *text, struct rate *out,
                           struct buf *message)
{
    if (rate_parse(span_of(text), out) != ERR_OK) {
        (void)buf_printf(message, "--%s: '%s' is not N/s, N/m, N/s:BURST or N/m:BURST (1 to %d)\n",
                         name, text, RATE_TOKENS_MAX);
        return ERR_INVALID;
    }
    return ERR_OK;
}

enum err access_options_check(struct access_options *o, struct buf *message)
{
    TRY(check_mode(o, message));
    TRY(check_origins(o, message));
    TRY(check_rate("rate-user", o->rate_user, &o->rates[RATE_USER], message));
    TRY(check_rate("rate-address", o->rate_address, &o->rates[RATE_ADDRESS], message));
    if (cidr_list_parse(span_of(o->proxies_text), &o->proxies) != ERR_OK) {
        (void)buf_printf(message, "--trusted-proxies: '%s' is not a list of addresses and CIDRs\n",
                         o->proxies_text);
        return ERR_INVALID;
    }
    if (!o->jwt) {
        return ERR_OK;
    }
    o->rates[RATE_TICKETS] = TICKET_RATE;
    TRY(check_policy(o, message));
    TRY(check_cookie(o, message));
    return check_keys(o, message);
}
