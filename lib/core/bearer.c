#include "core/bearer.h"

#include "core/base64url.h"

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

bool token_shape_valid(struct span token)
{
    struct span header, payload, signature, rest;
    if (token.len > TOKEN_BYTES_MAX || !span_cut(token, '.', &header, &rest) ||
        !span_cut(rest, '.', &payload, &signature)) {
        return false;
    }
    return header.len > 0 && payload.len > 0 && base64url_valid(header) &&
           base64url_valid(payload) && base64url_valid(signature);
}
