/* Access: who sent a request, found out before its handler runs.
 *
 *     auth=none: nobody, admitted
 *     auth=jwt:  Authorization: Bearer <token>
 *                or, where the route takes tickets, ?ticket=<ticket>
 *                or, for GET and HEAD, the cookie of --jwt-cookie
 *         -> the caller, counted (gateway/rate_limits.h), admitted
 *         -> 401 UNAUTHENTICATED with WWW-Authenticate (RFC 6750 §3)
 *
 * The first of these that is there decides: a bad token is not made good by a cookie beside it. A
 * write never listens to a cookie, since any page can make a browser send one. */
#ifndef LONGHAUL_GATEWAY_ACCESS_H
#define LONGHAUL_GATEWAY_ACCESS_H

#include "gateway/exchange.h"

typedef void access_admitted(struct exchange *x);

/* x->route is set. Calls `then`, now or later, with x->caller filled; or answers. */
void access_admit(struct exchange *x, access_admitted *then);

#endif
