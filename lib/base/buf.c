#include "base/buf.h"

#include "base/json_text.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAP_MIN = 128, DECIMAL_SIZE = 24 };

void buf_init(struct buf *b, size_t max)
{
    assert(max < SIZE_MAX / 2); /* doubling cannot overflow */
    *b = (struct buf){.max = max};
}

void buf_clear(struct buf *b)
{
    free(b->data);
    buf_init(b, b->max);
}

void buf_reset(struct buf *b)
{
    b->len = 0;
    b->error = ERR_OK;
}

static enum err fail(struct buf *b, enum err e)
{
    b->error = e;
    return e;
}

enum err buf_reserve(struct buf *b, size_t len)
{
    if (b->error != ERR_OK) {
        return b->error;
    }
    if (len > b->max - b->len) {
        return fail(b, ERR_TOO_LARGE);
    }
    if (b->data != NULL && len <= b->cap - b->len) {
        return ERR_OK;
    }
    size_t cap = b->cap < CAP_MIN ? CAP_MIN : b->cap * 2;
    if (cap < b->len + len) {
        cap = b->len + len;
    }
    if (cap > b->max) {
        cap = b->max;
    }
    char *data = realloc(b->data, cap + 1); /* one more for vsnprintf's NUL */
    if (data == NULL) {
        return fail(b, ERR_NOMEM);
    }
    b->data = data;
    b->cap = cap;
    return ERR_OK;
}

enum err buf_append(struct buf *b, const void *data, size_t len)
{
    TRY(buf_reserve(b, len));
    if (len > 0) {
        memcpy(b->data + b->len, data, len);
        b->len += len;
    }
    return ERR_OK;
}

enum err buf_span(struct buf *b, struct span s)
{
    return buf_append(b, s.ptr, s.len);
}

enum err buf_text(struct buf *b, const char *text)
{
    return buf_append(b, text, strlen(text));
}

enum err buf_char(struct buf *b, char c)
{
    return buf_append(b, &c, 1);
}

/* Digits without snprintf: numbers are written once per field of every status reply. */
static char *digits_before(char *end, uint64_t n)
{
    do {
        *--end = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    return end;
}

enum err buf_u64(struct buf *b, uint64_t n)
{
    char text[DECIMAL_SIZE];
    char *const end = text + sizeof text;
    const char *start = digits_before(end, n);
    return buf_append(b, start, (size_t)(end - start));
}

enum err buf_i64(struct buf *b, int64_t n)
{
    if (n >= 0) {
        return buf_u64(b, (uint64_t)n);
    }
    char text[DECIMAL_SIZE];
    char *const end = text + sizeof text;
    char *start = digits_before(end, 0 - (uint64_t)n);
    *--start = '-';
    return buf_append(b, start, (size_t)(end - start));
}

__attribute__((format(printf, 2, 0))) static enum err print(struct buf *b, const char *format,
                                                            va_list args)
{
    va_list again;
    va_copy(again, args);
    const size_t room = b->cap - b->len;
    const int needed = vsnprintf(b->data + b->len, room + 1, format, args);
    enum err e = needed < 0 ? fail(b, ERR_INVALID) : ERR_OK;
    if (e == ERR_OK && (size_t)needed > room) {
        e = buf_reserve(b, (size_t)needed);
        if (e == ERR_OK) {
            (void)vsnprintf(b->data + b->len, (size_t)needed + 1, format, again);
        }
    }
    va_end(again);
    if (e == ERR_OK) {
        b->len += (size_t)needed;
    }
    return e;
}

enum err buf_printf(struct buf *b, const char *format, ...)
{
    TRY(buf_reserve(b, 0));
    va_list args;
    va_start(args, format);
    const enum err e = print(b, format, args);
    va_end(args);
    return e;
}

enum err buf_json_string(struct buf *b, struct span s)
{
    TRY(b->error);
    const size_t len_before = b->len;
    (void)buf_char(b, '"');
    while (s.len > 0 && b->error == ERR_OK) {
        char scratch[JSON_ESCAPE_SIZE];
        (void)buf_span(b, json_text_next(&s, scratch));
    }
    (void)buf_char(b, '"');
    if (b->error != ERR_OK) {
        b->len = len_before;
    }
    return b->error;
}

struct span buf_as_span(const struct buf *b)
{
    return (struct span){b->data, b->len};
}

enum err buf_error(const struct buf *b)
{
    return b->error;
}
