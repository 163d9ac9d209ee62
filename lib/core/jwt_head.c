#include "core/jwt_head.h"

#include <jansson.h>

#include <string.h>

static enum token_fault take_kid(const json_t *root, struct jwt_head *out)
{
    const json_t *kid = json_object_get(root, "kid");
    if (kid == NULL) {
        return TOKEN_OK;
    }
    const size_t len = json_string_length(kid);
    if (!json_is_string(kid)) {
        return TOKEN_MALFORMED;
    }
    if (len > JWK_KID_MAX) {
        return TOKEN_KEY;
    }
    memcpy(out->kid, json_string_value(kid), len);
    out->kid_len = len;
    out->has_kid = true;
    return TOKEN_OK;
}

static enum token_fault parse(const json_t *root, jwt_algorithms pinned, struct jwt_head *out)
{
    const json_t *alg = json_object_get(root, "alg");
    const struct span name = {json_string_value(alg), json_string_length(alg)};
    if (!json_is_string(alg) || json_object_get(root, "crit") != NULL) {
        return TOKEN_MALFORMED;
    }
    if (jwt_algorithm_find(name, &out->algorithm) != ERR_OK ||
        (pinned & 1U << out->algorithm) == 0) {
        return TOKEN_ALGORITHM;
    }
    return take_kid(root, out);
}

enum token_fault jwt_head_parse(struct span json, jwt_algorithms pinned, struct jwt_head *out)
{
    *out = (struct jwt_head){0};
    json_t *root =
        json_loadb(json.ptr != NULL ? json.ptr : "", json.len, JSON_REJECT_DUPLICATES, NULL);
    const enum token_fault fault = parse(root, pinned, out);
    json_decref(root);
    return fault;
}
