/* Intake: what every request must keep to before it is routed, on either listener.
 *
 * One place looks at the head as it was sent (gateway/framing.h), at the target (core/target.h) and
 * at the query's encoding, says what is wrong, and sees to it that no connection is used again
 * whose bytes other programs could read differently (decision 0030). */
#ifndef LONGHAUL_GATEWAY_INTAKE_H
#define LONGHAUL_GATEWAY_INTAKE_H

#include "gateway/exchange.h"

#include <stdbool.h>

/* False: the exchange was answered. Fills x->request_id in any case. */
bool intake_check(struct exchange *x);

#endif
