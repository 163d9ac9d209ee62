/* Precondition: If-Match and its kin against a file as it is now (RFC 9110 §13.2.2, steps 1 to 4).
 * Range and If-Range come after it: core/range.h. */
#ifndef LONGHAUL_CORE_PRECONDITION_H
#define LONGHAUL_CORE_PRECONDITION_H

#include "base/span.h"

#include <stdint.h>

enum precondition {
    PRECONDITION_MET,
    PRECONDITION_NOT_MODIFIED, /* 304 */
    PRECONDITION_FAILS,        /* 412 */
};

/* Headers of a GET or HEAD, and what the file has. An absent header is an empty span; dates that
 * are none are ignored, as are all dates for a file that has none. */
struct precondition_request {
    struct span if_match; /* lists joined by commas */
    struct span if_none_match;
    struct span if_modified_since;
    struct span if_unmodified_since;
    struct span etag;        /* with its quotes; strong */
    int64_t last_modified_s; /* < 0: not offered */
};

enum precondition precondition_decide(const struct precondition_request *r);

#endif
