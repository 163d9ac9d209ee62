/* Request ids: the value of X-Request-Id.
 *
 * One that the client (or the proxy in front) sent is kept when it is well formed: 1-128 characters
 * of [A-Za-z0-9._-]; otherwise a new one of 80 random bits is made. */
#ifndef LONGHAUL_GATEWAY_REQUEST_IDS_H
#define LONGHAUL_GATEWAY_REQUEST_IDS_H

#include "base/ids.h"
#include "base/span.h"

#include <stdbool.h>

enum { REQUEST_ID_MAX = 128, REQUEST_ID_BYTES = 10, REQUEST_ID_SIZE = 2 * REQUEST_ID_BYTES + 1 };

bool request_id_valid(struct span id);
struct exchange;
/* Fills x->request_id, from the request's header or anew. */
void request_id_take(struct exchange *x);
void request_id_new(struct id_source *ids, char out[REQUEST_ID_SIZE]);

#endif
