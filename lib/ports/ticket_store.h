/* Ticket store: the only thing a gateway writes to Redis (core/ticket.h).
 *
 *     lh:ticket:<hash>   for whom; gone after its time, or when it is taken
 *
 * Taking is one GETDEL: of any number of takers, in any gateways, one gets it.
 *
 * `done` runs exactly once unless an error returns. Thread: the connection's. */
#ifndef LONGHAUL_PORTS_TICKET_STORE_H
#define LONGHAUL_PORTS_TICKET_STORE_H

#include "base/err.h"
#include "base/span.h"
#include "ports/redis_conn.h"

#define TICKET_KEY_PREFIX "lh:ticket:"
enum { TICKET_KEY_MAX = sizeof TICKET_KEY_PREFIX + 64 /* hex of SHA-256 */ };

/* ERR_OK; ERR_EXISTS: the hash is taken; ERR_UNAVAILABLE: outcome unknown. */
typedef void ticket_on_put(void *context, enum err err);
/* `value` lives during the call, empty unless ERR_OK. ERR_NOT_FOUND; ERR_UNAVAILABLE: it may be
 * used up. */
typedef void ticket_on_taken(void *context, enum err err, struct span value);

MUST_CHECK enum err ticket_store_put(struct redis_conn *conn, struct span hash, struct span value,
                                     unsigned ttl_s, ticket_on_put *done, void *context);
MUST_CHECK enum err ticket_store_take(struct redis_conn *conn, struct span hash,
                                      ticket_on_taken *done, void *context);

#endif
