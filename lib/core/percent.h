/* Percent encoding (RFC 3986 §2.1) in both directions. */
#ifndef LONGHAUL_CORE_PERCENT_H
#define LONGHAUL_CORE_PERCENT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

/* All but unreserved characters (RFC 3986 §2.3) as '%' and two capital hex digits: fit for a path
 * segment, a query value and RFC 8187's ext-value alike. The error sticks in `out`. */
void percent_encode(struct buf *out, struct span text);

/* '%' must be followed by two hex digits; `plus_is_space` as in forms. `out` has `cap` bytes and is
 * not ended by NUL. The result must be valid UTF-8 without control characters: nothing of ours
 * needs one, and they would end up in logs and headers. ERR_INVALID, ERR_TOO_LARGE. */
MUST_CHECK enum err percent_decode(struct span text, bool plus_is_space, char *out, size_t cap,
                                   struct span *decoded);

#endif
