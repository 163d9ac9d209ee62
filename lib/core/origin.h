/* Origin: which web pages of other hosts may read replies (CORS; Fetch standard §3.2).
 *
 * The operator's list is exact: an origin is compared byte for byte with what a browser sends
 * (RFC 6454 §6.2: lower case, no path, no default port). "*" and "null" are no origins. */
#ifndef LONGHAUL_CORE_ORIGIN_H
#define LONGHAUL_CORE_ORIGIN_H

#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>

enum { ORIGINS_MAX = 64, ORIGIN_BYTES_MAX = 512 };

struct origin_list {
    struct span items[ORIGINS_MAX]; /* in the text that was parsed */
    size_t count;
};

/* "https://a.example,http://localhost:5173"; empty text is an empty list. ERR_INVALID: *bad is the
 * item at fault. ERR_FULL. */
MUST_CHECK enum err origin_list_parse(struct span text, struct origin_list *out, struct span *bad);
bool origin_listed(const struct origin_list *list, struct span origin);

#endif
