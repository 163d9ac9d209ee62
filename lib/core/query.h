/* Query: the query string of a URL as a capped list of decoded names and values.
 *
 * Percent encoding is strict (core/percent.h); '+' is a space, as browsers write it
 * (application/x-www-form-urlencoded). Names and values are valid UTF-8 without control characters,
 * or the whole query is refused. */
#ifndef LONGHAUL_CORE_QUERY_H
#define LONGHAUL_CORE_QUERY_H

#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    QUERY_BYTES_MAX = 8192, /* 200 job ids as jobId=…& take 7,000 */
    QUERY_PAIRS_MAX = 256,
};

struct query_pair {
    struct span name;
    struct span value; /* empty for "name" and "name=" */
};

/* Spans point into the parsed text where nothing was encoded, else into `decoded`: the struct must
 * not be moved. About 16 KiB; nothing of it is cleared but what is used. */
struct query {
    struct query_pair pairs[QUERY_PAIRS_MAX];
    size_t count;
    char decoded[QUERY_BYTES_MAX];
    size_t decoded_len;
};

/* `text` may start with '?'. Empty pieces ("a=1&&b=2") are skipped. ERR_INVALID for bad encoding or
 * bytes, ERR_TOO_LARGE over a limit; *out then has no pairs. */
MUST_CHECK enum err query_parse(struct span text, struct query *out);

/* The value of a name that may stand once. ERR_NOT_FOUND without it, ERR_EXISTS if it stands more
 * than once. */
MUST_CHECK enum err query_get(const struct query *q, struct span name, struct span *value);
/* The next value of a name that may stand many times; *cursor starts at 0. False at the end. */
bool query_next(const struct query *q, struct span name, size_t *cursor, struct span *value);

#endif
