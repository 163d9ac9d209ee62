#include "gateway/access.h"

#include "base/clock.h"
#include "core/bearer.h"
#include "core/cookie.h"
#include "core/query.h"
#include "core/ticket.h"
#include "gateway/counters.h"
#include "gateway/key_ring.h"
#include "gateway/loop.h"
#include "gateway/reply.h"
#include "gateway/routes.h"
#include "gateway/server.h"
#include "ports/ticket_store.h"

#define CHALLENGE "Bearer realm=\"longhaul\""

static void refuse(struct exchange *x, enum token_fault fault)
{
    /* Who sent no token does not know yet that one is needed: no error (RFC 6750 §3.1). */
    const bool none = fault == TOKEN_MISSING || fault == TOKEN_SCHEME;
    const struct span challenge =
        none ? SPAN(CHALLENGE) : SPAN(CHALLENGE ", error=\"invalid_token\"");
    metrics_add(x->loop->counters, COUNT_TOKEN_FAULTS + (size_t)fault - 1, 1);
    reply_header(x, H2O_TOKEN_WWW_AUTHENTICATE, challenge);
    reply_problem(x, PROBLEM_UNAUTHENTICATED, token_fault_detail(fault));
}

static void admit(struct exchange *x, const struct caller *caller)
{
    x->caller = *caller;
    x->caller.known = true;
    x->caller.user = exchange_copy(x, caller->user);
    if (rate_admit(x, RATE_USER, x->caller.user, 1)) {
        x->admitted(x);
    }
}

static void check_token(struct exchange *x, struct span token)
{
    struct server *server = x->loop->server;
    struct claims claims;
    struct jwt_keys *keys = key_ring_hold(server->keys_of_tokens);
    const enum token_fault fault = jwt_keys_check(keys, &x->loop->config->access.policy, token,
                                                  clock_wall_ms() / 1000, &claims);
    jwt_keys_release(&keys);
    if (fault != TOKEN_OK) {
        refuse(x, fault);
        return;
    }
    admit(x, &(struct caller){.admin = claims.admin,
                              .user = {claims.user, claims.user_len},
                              .until_s = claims.until_s});
}

static void on_taken(void *context, enum err err, struct span value)
{
    struct late *late = context;
    struct ticket_value v;
    metrics_add(late->loop->counters, COUNT_IN_FLIGHT, -1);
    struct exchange *x = late_take(late);
    if (x == NULL) {
        return;
    }
    if (err == ERR_NOT_FOUND) {
        refuse(x, TOKEN_TICKET);
    } else if (err != ERR_OK) {
        reply_err(x, err);
    } else if (ticket_value_read(value, &v) != ERR_OK) {
        reply_err(x, ERR_INTERNAL);
    } else if (clock_wall_ms() / 1000 >= v.until_s) {
        refuse(x, TOKEN_EXPIRED);
    } else {
        admit(x, &(struct caller){.admin = v.admin, .user = v.user, .until_s = v.until_s});
    }
}

static void take_ticket(struct exchange *x, struct span ticket)
{
    char hash[TICKET_HASH_SIZE];
    if (!ticket_valid(ticket)) {
        refuse(x, TOKEN_TICKET);
        return;
    }
    struct late *late = late_new(x);
    if (late == NULL) {
        reply_err(x, ERR_FULL);
        return;
    }
    enum err e = ticket_hash(ticket, hash);
    if (e == ERR_OK) {
        e = ticket_store_take(x->loop->redis, span_of(hash), on_taken, late);
    }
    if (e != ERR_OK) {
        (void)late_take(late);
        reply_err(x, e);
        return;
    }
    metrics_add(x->loop->counters, COUNT_IN_FLIGHT, 1);
}

/* Where a token stands. TOKEN_MISSING: nowhere here. */
static enum token_fault find_bearer(struct exchange *x, struct span *token)
{
    struct span value; /* the only one: gateway/framing.h refuses a second */
    if (!exchange_header(x, "authorization", &value)) {
        return TOKEN_MISSING;
    }
    return bearer_find(value, token) ? TOKEN_OK : TOKEN_SCHEME;
}

static enum token_fault find_cookie(struct exchange *x, struct span *token)
{
    const struct span name = x->loop->config->access.cookie_name;
    const bool reads = span_eq(x->route->method, SPAN("GET"));
    enum token_fault found = TOKEN_MISSING;
    struct span header, value;
    size_t cursor = 0;
    while (name.len > 0 && reads && exchange_header_next(x, "cookie", &cursor, &header)) {
        const enum err e = cookie_find(header, name, &value);
        if (e == ERR_EXISTS || (e == ERR_OK && found == TOKEN_OK)) {
            return TOKEN_AMBIGUOUS;
        }
        if (e == ERR_OK) {
            *token = value;
            found = TOKEN_OK;
        }
    }
    return found;
}

static enum token_fault find_ticket(struct exchange *x, struct span *ticket)
{
    struct query query;
    if ((x->route->flags & ROUTE_TICKET) == 0 || exchange_is_head(x)) {
        return TOKEN_MISSING; /* HEAD opens no stream: it must not use a ticket up */
    }
    enum err e = query_parse(x->query, &query);
    if (e != ERR_OK) {
        return TOKEN_MISSING; /* the handler says what is wrong, to those who may ask it */
    }
    struct span value;
    e = query_get(&query, SPAN("ticket"), &value);
    if (e == ERR_OK) {
        *ticket = exchange_copy(x, value);
    }
    return e == ERR_OK ? TOKEN_OK : (e == ERR_EXISTS ? TOKEN_AMBIGUOUS : TOKEN_MISSING);
}

void access_admit(struct exchange *x, access_admitted *then)
{
    struct span token;
    x->admitted = then;
    if (!x->loop->config->access.jwt || (x->route->flags & ROUTE_OPEN) != 0) {
        then(x);
        return;
    }
    enum token_fault fault = find_bearer(x, &token);
    if (fault == TOKEN_MISSING) {
        fault = find_ticket(x, &token);
        if (fault == TOKEN_OK) {
            take_ticket(x, token);
            return;
        }
    }
    if (fault == TOKEN_MISSING) {
        fault = find_cookie(x, &token);
    }
    if (fault != TOKEN_OK) {
        refuse(x, fault);
        return;
    }
    check_token(x, token);
}
