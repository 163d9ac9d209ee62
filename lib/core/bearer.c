#include "core/bearer.h"

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

static bool is_base64url(struct span part)
{
    for (size_t i = 0; i < part.len; i++) {
        const char c = part.ptr[i];
        const bool alphanumeric =
            (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!alphanumeric && c != '-' && c != '_') {
            return false;
        }
    }
    return true;
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
