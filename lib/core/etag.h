/* ETag: does the client have it already (RFC 9110 §13.1.2). */
#ifndef LONGHAUL_CORE_ETAG_H
#define LONGHAUL_CORE_ETAG_H

#include "base/span.h"

#include <stdbool.h>

/* True if an If-None-Match value names `etag` (weak comparison, RFC 9110 §8.8.3.2) or is "*":
 * answer 304. `etag` is with its quotes and maybe W/. An absent header is an empty span. A
 * malformed list counts up to its fault. */
bool etag_none_match_has(struct span if_none_match, struct span etag);
/* True if an If-Match value names `etag` (strong comparison: weak tags never do) or is "*"
 * (RFC 9110 §13.1.1); false: answer 412. */
bool etag_match_has(struct span if_match, struct span etag);
/* Strong comparison of two tags (RFC 9110 §8.8.3.2): weak ones are equal to nothing. */
bool etag_strong_eq(struct span a, struct span b);

#endif
