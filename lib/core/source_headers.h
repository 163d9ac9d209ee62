/* Source headers: reading what an HTTP source says about its bytes. Pure; RFC 9110. */
#ifndef LONGHAUL_CORE_SOURCE_HEADERS_H
#define LONGHAUL_CORE_SOURCE_HEADERS_H

#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum { ETAG_SIZE = 257 }; /* bytes with the NUL; a longer validator is not used */

struct content_range {
    uint64_t first, last; /* both included */
    int64_t total;        /* -1: "*" */
};

/* "name: value" of a header line without its line end; false for anything else. */
bool source_header_split(struct span line, struct span *name, struct span *value);
/* A strong entity-tag (§8.8.3): quoted, no W/, no control characters. Only such a one proves that
 * two answers have the same bytes. */
bool source_etag_strong(struct span value);
/* "bytes 5-9/10" (§14.4). ERR_INVALID for other units, an unsatisfied range, first > last, or a
 * total that does not hold them. */
MUST_CHECK enum err source_content_range_parse(struct span value, struct content_range *out);

#endif
