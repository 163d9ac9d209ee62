/* Span: a borrowed run of bytes. It owns nothing and need not end in NUL.
 *
 * All text that comes from a peer travels as spans; `strlen` is never used on it. */
#ifndef LONGHAUL_BASE_SPAN_H
#define LONGHAUL_BASE_SPAN_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
    const char *ptr; /* may be NULL when len is 0 */
    size_t len;      /* bytes */
};

#define SPAN(literal) ((struct span){"" literal, sizeof(literal) - 1})
#define SPAN_ARG(s) (int)(s).len, ((s).ptr != NULL ? (s).ptr : "") /* for "%.*s" */

struct span span_of(const char *text); /* our own NUL-terminated text; NULL gives an empty span */
bool span_eq(struct span a, struct span b);
bool span_eq_nocase(struct span a, struct span b); /* ASCII only */
bool span_starts(struct span s, struct span prefix);
struct span span_trim(struct span s); /* without spaces and tabs at both ends */

/* Cuts at the first `sep`: head before it, rest after it. Without a `sep`: all is head, rest is
 * empty, false is returned. */
bool span_cut(struct span s, char sep, struct span *head, struct span *rest);

/* Strict decimal: digits only, no sign (u64) or an optional '-' (i64), no leading zeros but "0",
 * the whole span. ERR_INVALID for other bytes, ERR_TOO_LARGE when it does not fit. */
MUST_CHECK enum err span_to_u64(struct span s, uint64_t *out);
MUST_CHECK enum err span_to_i64(struct span s, int64_t *out);

/* Copies into caller's storage of `cap` bytes and ends it with NUL. ERR_TOO_LARGE if it does not
 * fit, ERR_INVALID if the span holds a NUL byte. */
MUST_CHECK enum err span_copy(struct span s, char *out, size_t cap);

#endif
