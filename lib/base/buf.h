/* Buf: a growing byte buffer that is born with a maximum.
 *
 * Appending past the maximum fails with ERR_TOO_LARGE and leaves the buffer as it was. Writers
 * that append many small pieces may ignore each result and ask `buf_error` once at the end: the
 * first error sticks until `buf_reset`. */
#ifndef LONGHAUL_BASE_BUF_H
#define LONGHAUL_BASE_BUF_H

#include "base/err.h"
#include "base/span.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
    char *data; /* owned; NULL until the first byte; not NUL-terminated */
    size_t len;
    size_t cap;
    size_t max;     /* bytes; len never exceeds it */
    enum err error; /* the first failure, sticky */
};

void buf_init(struct buf *b, size_t max); /* allocates nothing */
void buf_clear(struct buf *b);            /* frees; the buffer is as after buf_init */
void buf_reset(struct buf *b);            /* len = 0, error cleared, memory kept */

enum err buf_append(struct buf *b, const void *data, size_t len);
enum err buf_span(struct buf *b, struct span s);
enum err buf_text(struct buf *b, const char *text); /* our own NUL-terminated text */
enum err buf_char(struct buf *b, char c);
enum err buf_u64(struct buf *b, uint64_t n); /* decimal */
enum err buf_i64(struct buf *b, int64_t n);
enum err buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A JSON string with its quotes; invalid UTF-8 becomes U+FFFD, so the output is always valid. */
enum err buf_json_string(struct buf *b, struct span s);

/* Room for `len` more bytes at data + len; the caller writes there and adds to len. */
MUST_CHECK enum err buf_reserve(struct buf *b, size_t len);

struct span buf_as_span(const struct buf *b); /* valid until the next append */
MUST_CHECK enum err buf_error(const struct buf *b);

#endif
