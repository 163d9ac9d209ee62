#include "core/claims.h"

#include "core/plain_text.h"

#include <jansson.h>

#include <string.h>

/* 2^53: a later time is no time, and a float still holds it exactly. */
static const double TIME_MAX = 9007199254740992.0;

static struct span text_of(const json_t *value)
{
    return (struct span){json_string_value(value), json_string_length(value)};
}

/* A NumericDate (RFC 7519 §2). */
static bool time_of(const json_t *value, int64_t *out_s)
{
    const double n = json_number_value(value);
    if (!json_is_number(value) || !(n >= -TIME_MAX && n <= TIME_MAX)) {
        return false;
    }
    *out_s = (int64_t)n;
    return true;
}

static enum token_fault check_times(const json_t *root, int64_t leeway_s, int64_t now_s,
                                    int64_t *until_s)
{
    const json_t *nbf = json_object_get(root, "nbf");
    int64_t at_s;
    if (!time_of(json_object_get(root, "exp"), &at_s)) {
        return TOKEN_CLAIMS;
    }
    *until_s = at_s + leeway_s;
    if (now_s >= *until_s) {
        return TOKEN_EXPIRED;
    }
    if (nbf == NULL) {
        return TOKEN_OK;
    }
    if (!time_of(nbf, &at_s)) {
        return TOKEN_CLAIMS;
    }
    return now_s + leeway_s < at_s ? TOKEN_EARLY : TOKEN_OK;
}

static enum token_fault check_issuer(const json_t *root, struct span issuer)
{
    const json_t *iss = json_object_get(root, "iss");
    if (iss != NULL && !json_is_string(iss)) {
        return TOKEN_CLAIMS;
    }
    return issuer.len == 0 || (iss != NULL && span_eq(text_of(iss), issuer)) ? TOKEN_OK
                                                                             : TOKEN_ISSUER;
}

static enum token_fault check_audience(const json_t *root, struct span audience)
{
    const json_t *aud = json_object_get(root, "aud");
    size_t i;
    const json_t *item;
    bool found = false;
    if (aud == NULL) {
        return audience.len == 0 ? TOKEN_OK : TOKEN_AUDIENCE;
    }
    if (json_is_string(aud)) {
        return audience.len > 0 && span_eq(text_of(aud), audience) ? TOKEN_OK : TOKEN_AUDIENCE;
    }
    if (!json_is_array(aud)) {
        return TOKEN_CLAIMS;
    }
    json_array_foreach(aud, i, item)
    {
        if (!json_is_string(item)) {
            return TOKEN_CLAIMS;
        }
        found = found || (audience.len > 0 && span_eq(text_of(item), audience));
    }
    return found ? TOKEN_OK : TOKEN_AUDIENCE;
}

static bool list_has_admin(struct span list)
{
    while (list.len > 0) {
        struct span one;
        (void)span_cut(list, ' ', &one, &list);
        if (span_eq(one, SPAN(CLAIMS_ADMIN_SCOPE))) {
            return true;
        }
    }
    return false;
}

static enum token_fault check_scopes(const json_t *value, bool *admin)
{
    size_t i;
    const json_t *item;
    if (value == NULL) {
        return TOKEN_OK;
    }
    if (json_is_string(value)) {
        *admin = *admin || list_has_admin(text_of(value));
        return TOKEN_OK;
    }
    if (!json_is_array(value)) {
        return TOKEN_CLAIMS;
    }
    json_array_foreach(value, i, item)
    {
        if (!json_is_string(item)) {
            return TOKEN_CLAIMS;
        }
        *admin = *admin || span_eq(text_of(item), SPAN(CLAIMS_ADMIN_SCOPE));
    }
    return TOKEN_OK;
}

static enum token_fault take_user(const json_t *root, struct claims *out)
{
    const struct span sub = text_of(json_object_get(root, "sub"));
    if (sub.len == 0 || sub.len > CLAIMS_USER_MAX || !plain_text(sub)) {
        return TOKEN_SUBJECT;
    }
    memcpy(out->user, sub.ptr, sub.len);
    out->user_len = sub.len;
    return TOKEN_OK;
}

static enum token_fault check(const json_t *root, const struct claims_policy *policy, int64_t now_s,
                              struct claims *out)
{
    if (!json_is_object(root)) {
        return TOKEN_CLAIMS;
    }
    const enum token_fault found[] = {
        check_times(root, policy->leeway_s, now_s, &out->until_s),
        check_issuer(root, policy->issuer),
        check_audience(root, policy->audience),
        check_scopes(json_object_get(root, "scope"), &out->admin),
        check_scopes(json_object_get(root, "scp"), &out->admin),
        take_user(root, out),
    };
    for (size_t i = 0; i < sizeof found / sizeof found[0]; i++) {
        if (found[i] != TOKEN_OK) {
            return found[i];
        }
    }
    return TOKEN_OK;
}

enum token_fault claims_check(struct span json, const struct claims_policy *policy, int64_t now_s,
                              struct claims *out)
{
    struct claims claims = {0};
    json_t *root =
        json_loadb(json.ptr != NULL ? json.ptr : "", json.len, JSON_REJECT_DUPLICATES, NULL);
    const enum token_fault fault = check(root, policy, now_s, &claims);
    json_decref(root);
    if (fault == TOKEN_OK) {
        *out = claims;
    }
    return fault;
}
