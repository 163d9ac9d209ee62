#include "core/jwk_set.h"

#include "core/base64url.h"

#include <jansson.h>

#include <stdlib.h>
#include <string.h>

struct kind_name {
    const char *kty, *crv;
    enum jwt_key_kind kind;
    const char *numbers[2]; /* of the public key: all that is read of it */
};

static const struct kind_name KINDS[] = {
    {"RSA", NULL, JWT_KEY_RSA, {"n", "e"}},
    {"EC", "P-256", JWT_KEY_P256, {"x", "y"}},
    {"EC", "P-384", JWT_KEY_P384, {"x", "y"}},
    {"EC", "P-521", JWT_KEY_P521, {"x", "y"}},
};

static enum err refuse(struct buf *message, const char *why)
{
    (void)buf_text(message, why);
    return ERR_INVALID;
}

static bool member_is(const json_t *key, const char *name, const char *value)
{
    const char *text = json_string_value(json_object_get(key, name));
    return text != NULL && strcmp(text, value) == 0;
}

static const struct kind_name *kind_of(const json_t *key)
{
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        if (member_is(key, "kty", KINDS[i].kty) &&
            (KINDS[i].crv == NULL || member_is(key, "crv", KINDS[i].crv))) {
            return &KINDS[i];
        }
    }
    return NULL;
}

static bool array_has(const json_t *array, const char *value)
{
    size_t i;
    const json_t *item;
    json_array_foreach(array, i, item)
    {
        const char *text = json_string_value(item);
        if (text != NULL && strcmp(text, value) == 0) {
            return true;
        }
    }
    return false;
}

static bool for_signatures(const json_t *key)
{
    const json_t *use = json_object_get(key, "use");
    const json_t *ops = json_object_get(key, "key_ops");
    return (use == NULL || member_is(key, "use", "sig")) &&
           (ops == NULL || array_has(ops, "verify"));
}

static enum err take_kid(const json_t *key, struct jwk *out, struct buf *message)
{
    const json_t *kid = json_object_get(key, "kid");
    if (kid == NULL) {
        return ERR_OK;
    }
    const size_t len = json_string_length(kid);
    if (!json_is_string(kid) || len == 0 || len > JWK_KID_MAX) {
        return refuse(message, "a `kid` is not a text of 1 to 256 bytes");
    }
    memcpy(out->kid, json_string_value(kid), len);
    out->kid_len = len;
    return ERR_OK;
}

/* False: an algorithm that cannot be checked here, or is not the key's. */
static bool take_algorithm(const json_t *key, struct jwk *out)
{
    const json_t *alg = json_object_get(key, "alg");
    if (alg == NULL) {
        return true;
    }
    out->bound = true;
    return jwt_algorithm_find(span_of(json_string_value(alg)), &out->algorithm) == ERR_OK &&
           jwt_algorithm_kind(out->algorithm) == out->kind;
}

/* The key with nothing but its kind and its numbers. Other members are not for whoever makes a key
 * of it: one that is no base64url would end the process (core/base64url.h). */
static enum err take_numbers(const json_t *key, const struct kind_name *kind, struct jwk *out,
                             struct buf *message)
{
    const json_t *numbers[2];
    for (size_t i = 0; i < 2; i++) {
        numbers[i] = json_object_get(key, kind->numbers[i]);
        const struct span text = {json_string_value(numbers[i]), json_string_length(numbers[i])};
        if (text.len == 0 || !base64url_valid(text)) {
            (void)buf_printf(message, "a key has no `%s` in base64url", kind->numbers[i]);
            return ERR_INVALID;
        }
    }
    json_t *bare = json_pack("{s:s, s:s*, s:O, s:O}", "kty", kind->kty, "crv", kind->crv,
                             kind->numbers[0], numbers[0], kind->numbers[1], numbers[1]);
    out->json = bare != NULL ? json_dumps(bare, JSON_COMPACT) : NULL;
    json_decref(bare);
    return out->json != NULL ? ERR_OK : ERR_NOMEM;
}

static bool has_twin(const struct jwk_set *set, const struct jwk *key)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct jwk *other = &set->keys[i];
        if (other->kind == key->kind && other->kid_len == key->kid_len &&
            memcmp(other->kid, key->kid, key->kid_len) == 0) {
            return true;
        }
    }
    return false;
}

static enum err add_key(const json_t *key, struct jwk_set *set, struct buf *message)
{
    struct jwk out = {0};
    if (!json_is_object(key)) {
        return refuse(message, "a key is not an object");
    }
    if (member_is(key, "kty", "oct")) {
        return refuse(message, "it holds a symmetric key: the bytes that its `k` stands for go "
                               "into --jwt-secret-file");
    }
    if (json_object_get(key, "d") != NULL) {
        return refuse(message, "it holds a private key: give only the public ones");
    }
    const struct kind_name *kind = kind_of(key);
    if (kind == NULL || !for_signatures(key)) {
        return ERR_OK;
    }
    out.kind = kind->kind;
    if (!take_algorithm(key, &out)) {
        return ERR_OK;
    }
    TRY(take_kid(key, &out, message));
    if (has_twin(set, &out)) {
        return refuse(message, "two keys of one kind have the same `kid`, or none");
    }
    if (set->count == JWK_KEYS_MAX) {
        (void)buf_printf(message, "it has more than %d keys", JWK_KEYS_MAX);
        return ERR_FULL;
    }
    TRY(take_numbers(key, kind, &out, message));
    set->keys[set->count++] = out;
    return ERR_OK;
}

static enum err add_all(const json_t *root, struct jwk_set *set, struct buf *message)
{
    const json_t *keys = json_object_get(root, "keys");
    size_t i;
    const json_t *key;
    if (!json_is_array(keys)) {
        return refuse(message, "it is not a JSON Web Key Set: an object with the array `keys`");
    }
    json_array_foreach(keys, i, key)
    {
        TRY(add_key(key, set, message));
    }
    return set->count > 0 ? ERR_OK : refuse(message, "it has no key that could check a signature");
}

enum err jwk_set_parse(struct span text, struct jwk_set *out, struct buf *message)
{
    json_error_t error;
    out->count = 0;
    if (text.len > JWK_SET_BYTES_MAX) {
        (void)buf_printf(message, "it has more than %d bytes", JWK_SET_BYTES_MAX);
        return ERR_TOO_LARGE;
    }
    json_t *root =
        json_loadb(text.ptr != NULL ? text.ptr : "", text.len, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) {
        (void)buf_printf(message, "it is not JSON (line %d)", error.line);
        return ERR_INVALID;
    }
    const enum err e = add_all(root, out, message);
    json_decref(root);
    if (e != ERR_OK) {
        jwk_set_clear(out);
    }
    return e;
}

void jwk_set_clear(struct jwk_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        free(set->keys[i].json);
    }
    set->count = 0;
}
