/* Routes: the one table of the public API: method, pattern, handler, limits.
 *
 * A pattern is literal but for one segment ":jobId" (a valid job id, else 404 JOB_NOT_FOUND), or a
 * last part "*" (anything). Rows of literal patterns stand first: a literal name wins over
 * ":jobId", and a wrong method on it is 405 with Allow. */
#ifndef LONGHAUL_GATEWAY_ROUTES_H
#define LONGHAUL_GATEWAY_ROUTES_H

#include "gateway/counters.h"
#include "gateway/exchange.h"

#include <stdbool.h>

/* A span for tables: SPAN is no constant expression. */
#define ROUTE_TEXT(literal)                                                                        \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    }

typedef void route_handler(struct exchange *x);

enum route_flags {
    ROUTE_REDIS = 1,  /* 503 at once while Redis is away */
    ROUTE_BROKER = 2, /* 503 at once while no broker is usable */
    ROUTE_OPEN = 4,   /* needs no token: what it serves is public, or its URL is the capability */
    ROUTE_TICKET = 8, /* ?ticket= stands for a token */
};

struct route {
    struct span method; /* GET also serves HEAD */
    struct span pattern;
    route_handler *handler; /* NULL: a reserved name, 404 with this method */
    enum counted_route counted;
    unsigned flags;
    size_t body_max; /* bytes; more is 413 */
};

enum route_found {
    ROUTE_FOUND,
    ROUTE_UNKNOWN,    /* 404 NOT_FOUND */
    ROUTE_BAD_ID,     /* 404 JOB_NOT_FOUND */
    ROUTE_BAD_METHOD, /* 405 */
};

enum route_methods { METHOD_GET = 1, METHOD_POST = 2, METHOD_DELETE = 4 };

struct route_match {
    enum route_found found;
    const struct route *route;
    struct span param;
    const char *allow; /* ROUTE_BAD_METHOD: constant text */
    unsigned methods;  /* ROUTE_BAD_METHOD: which the path has: enum route_methods */
};

/* The whole table, for who compares it with the description of the API. */
const struct route *routes_all(size_t *count);
/* `path` as it was sent: nothing is decoded, so an id has no other spelling (decision 0030). */
struct route_match routes_find(struct span method, struct span path);

/* The same for another listener's table; `allow` is not set. */
struct route_match routes_find_in(const struct route *table, size_t count, struct span method,
                                  struct span path);

/* Calls the handler of x->route, or answers 503 while what the route needs is away. */
void routes_handle(struct exchange *x);

/* The handler of libh2o for the public host: routes every request. */
int routes_on_request(h2o_handler_t *self, h2o_req_t *req);

#endif
