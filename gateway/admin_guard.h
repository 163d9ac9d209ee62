/* Admin guard: which requests the operator's page and API take at all.
 *
 * There is no login: who reaches the listener is an operator. What a browser is made to send by a
 * stranger's page must not count as one: see core/admin_host.h, and decision 0046. */
#ifndef LONGHAUL_GATEWAY_ADMIN_GUARD_H
#define LONGHAUL_GATEWAY_ADMIN_GUARD_H

#include "gateway/exchange.h"

#include <stdbool.h>

/* False: the exchange was answered (403, 415). */
bool admin_guard_read(struct exchange *x);
bool admin_guard_change(struct exchange *x);

#endif
