/* Deprecation: what every reply of a deprecated path says about it (RFC 9745, RFC 8594). */
#ifndef LONGHAUL_GATEWAY_DEPRECATION_H
#define LONGHAUL_GATEWAY_DEPRECATION_H

#include "gateway/exchange.h"

/* Adds its headers to the reply if the request's path is deprecated. */
void deprecation_add(struct exchange *x);

#endif
