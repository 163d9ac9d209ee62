/* In-flight keys: idempotency keys whose first request has no answer yet.
 *
 * A courtesy: it lets a second request be told 409 instead of racing. What makes a key safe is the
 * broker's atomic step in Redis; a key that is not in here (the table is full, another gateway has
 * the first request) is still bound to one job.
 *
 * Threads: any; one mutex, held for one look-up. */
#ifndef LONGHAUL_GATEWAY_IN_FLIGHT_KEYS_H
#define LONGHAUL_GATEWAY_IN_FLIGHT_KEYS_H

#include "base/err.h"
#include "base/span.h"

enum { IN_FLIGHT_KEYS_MAX = 65536 };

struct in_flight_keys;

MUST_CHECK enum err in_flight_keys_new(struct in_flight_keys **out);
void in_flight_keys_destroy(struct in_flight_keys **keys); /* NULL inside is fine */
/* ERR_EXISTS: its first request is still in flight. ERR_FULL, ERR_NOMEM: not noted. */
MUST_CHECK enum err in_flight_keys_enter(struct in_flight_keys *keys, struct span key);
void in_flight_keys_leave(struct in_flight_keys *keys, struct span key);

#endif
