#include "base/span.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

struct span span_of(const char *text)
{
    return (struct span){.ptr = text, .len = text != NULL ? strlen(text) : 0};
}

bool span_eq(struct span a, struct span b)
{
    /* memcmp must not see NULL, and empty spans may hold it. */
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool span_eq_nocase(struct span a, struct span b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.ptr[i]) != lower(b.ptr[i])) {
            return false;
        }
    }
    return true;
}

bool span_starts(struct span s, struct span prefix)
{
    return s.len >= prefix.len && span_eq((struct span){s.ptr, prefix.len}, prefix);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct span span_trim(struct span s)
{
    while (s.len > 0 && is_blank(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && is_blank(s.ptr[s.len - 1])) {
        s.len--;
    }
    return s;
}

bool span_cut(struct span s, char sep, struct span *head, struct span *rest)
{
    const char *at = s.len > 0 ? memchr(s.ptr, sep, s.len) : NULL;
    if (at == NULL) {
        *head = s;
        *rest = (struct span){NULL, 0};
        return false;
    }
    const size_t head_len = (size_t)(at - s.ptr);
    *head = (struct span){s.ptr, head_len};
    *rest = (struct span){at + 1, s.len - head_len - 1};
    return true;
}

enum err span_to_u64(struct span s, uint64_t *out)
{
    if (s.len == 0 || (s.len > 1 && s.ptr[0] == '0')) {
        return ERR_INVALID;
    }
    uint64_t n = 0;
    bool too_large = false;
    /* All bytes are looked at before the size is judged: "99…9x" is invalid, not too large. */
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9') {
            return ERR_INVALID;
        }
        const uint64_t digit = (uint64_t)(s.ptr[i] - '0');
        too_large = too_large || n > (UINT64_MAX - digit) / 10;
        n = n * 10 + digit;
    }
    if (too_large) {
        return ERR_TOO_LARGE;
    }
    *out = n;
    return ERR_OK;
}

enum err span_to_i64(struct span s, int64_t *out)
{
    const bool negative = s.len > 0 && s.ptr[0] == '-';
    uint64_t n = 0;
    TRY(span_to_u64(negative ? (struct span){s.ptr + 1, s.len - 1} : s, &n));
    if (!negative) {
        if (n > INT64_MAX) {
            return ERR_TOO_LARGE;
        }
        *out = (int64_t)n;
        return ERR_OK;
    }
    if (n == 0) {
        return ERR_INVALID; /* "-0": one number, one spelling */
    }
    if (n - 1 > INT64_MAX) {
        return ERR_TOO_LARGE;
    }
    *out = -(int64_t)(n - 1) - 1;
    return ERR_OK;
}

enum err span_copy(struct span s, char *out, size_t cap)
{
    if (s.len >= cap) {
        return ERR_TOO_LARGE;
    }
    if (s.len > 0) {
        if (memchr(s.ptr, '\0', s.len) != NULL) {
            return ERR_INVALID;
        }
        memcpy(out, s.ptr, s.len);
    }
    out[s.len] = '\0';
    return ERR_OK;
}
