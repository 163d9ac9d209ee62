#include "core/bearer.h"

#include <string.h>

bool bearer_find(struct span authorization, struct span *token)
{
    struct span scheme, rest;
    if (!span_cut(span_trim(authorization), ' ', &scheme, &rest) ||
        !span_eq_nocase(scheme, SPAN("Bearer"))) {
        return false;
    }
    *token = span_trim(rest);
    return true;
}

/* -1: none of base64url's. */
static int base64url_value(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *at = memchr(digits, c, sizeof digits - 1);
    return at != NULL ? (int)(at - digits) : -1;
}

/* Bytes have one text only: what the last digit says beyond the last byte is 0 (RFC 4648 §3.5). A
 * decoder drops those bits, so that one signature would have up to sixteen texts. */
static bool is_base64url(struct span part)
{
    static const int beyond[4] = {0, -1, 0x0F, 0x03}; /* by the length's rest; no bytes end at 1 */
    int last = 0;
    for (size_t i = 0; i < part.len; i++) {
        last = base64url_value(part.ptr[i]);
        if (last < 0) {
            return false;
        }
    }
    return part.len % 4 != 1 && (last & beyond[part.len % 4]) == 0;
}

bool token_shape_valid(struct span token)
{
    struct span header, payload, signature, rest;
    if (token.len > TOKEN_BYTES_MAX || !span_cut(token, '.', &header, &rest) ||
        !span_cut(rest, '.', &payload, &signature)) {
        return false;
    }
    return header.len > 0 && payload.len > 0 && is_base64url(header) && is_base64url(payload) &&
           is_base64url(signature);
}
