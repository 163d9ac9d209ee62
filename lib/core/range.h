/* Range: which bytes of a file a request asks for (RFC 9110 §14, §13.1.5).
 *
 * One range is served as asked. Several ranges, other units and malformed headers are answered with
 * the whole file, as RFC 9110 §14.2 allows. */
#ifndef LONGHAUL_CORE_RANGE_H
#define LONGHAUL_CORE_RANGE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#include <stdint.h>

enum range_kind {
    RANGE_WHOLE,         /* 200 */
    RANGE_PART,          /* 206 with Content-Range */
    RANGE_UNSATISFIABLE, /* 416 with Content-Range: bytes * / size */
};

struct range {
    enum range_kind kind;
    uint64_t first_byte; /* RANGE_PART, RANGE_WHOLE (0) */
    uint64_t len_bytes;  /* to send; 0 for RANGE_UNSATISFIABLE */
};

/* What a request says and what the file has. Spans are borrowed; an absent header is empty. */
struct range_request {
    struct span range;
    struct span if_range;
    struct span etag;        /* of the file now, with its quotes; strong */
    int64_t last_modified_s; /* of the file now; < 0: not offered */
};

/* If-Range that does not match exactly (weak tags never do) makes it the whole file. */
struct range range_decide(const struct range_request *r, uint64_t size_bytes);
/* Appends the value of Content-Range; not for RANGE_WHOLE. The error sticks in `out`. */
void range_content_range(const struct range *r, uint64_t size_bytes, struct buf *out);

enum { HTTP_DATE_SIZE = 30 };
/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7) and a NUL. `at_s` is clamped to the years 1970
 * to 9999. */
struct span http_date(int64_t at_s, char out[HTTP_DATE_SIZE]);
/* All three forms (RFC 9110 §5.6.7). ERR_INVALID, also for a date before 1970. */
MUST_CHECK enum err http_date_parse(struct span text, int64_t *at_s);

#endif
