/* Content type of a request body: application/json, with charset=utf-8 or nothing (RFC 8259 §11).
 */
#ifndef LONGHAUL_GATEWAY_CONTENT_TYPE_H
#define LONGHAUL_GATEWAY_CONTENT_TYPE_H

#include "gateway/exchange.h"

bool content_type_is_json(const struct exchange *x);
/* Is there a Content-Encoding? None is undone here (RFC 9110 §15.5.16: 415 with Accept-Encoding).
 */
bool content_is_encoded(struct exchange *x);

#endif
