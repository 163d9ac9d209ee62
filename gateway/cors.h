/* CORS: which pages of other hosts may read replies (Fetch standard §3.2).
 *
 * Off unless --cors-origins lists origins. A listed one is named in every reply to it, errors and
 * streams included; another gets no header at all, and its browser keeps the reply from the page.
 * Replies say `Vary: Origin` either way, so that a cache does not mix them up. */
#ifndef LONGHAUL_GATEWAY_CORS_H
#define LONGHAUL_GATEWAY_CORS_H

#include "gateway/exchange.h"

void cors_take(struct exchange *x);        /* notes the request's Origin if it is listed */
void cors_headers_add(struct exchange *x); /* for reply.c */
/* The answer to OPTIONS, also to a preflight. `allow`: the path's methods; constant text. */
void cors_reply_options(struct exchange *x, const char *allow);

#endif
