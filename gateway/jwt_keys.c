#include "gateway/jwt_keys.h"

#include "core/bearer.h"
#include "core/jwk_set.h"
#include "core/jwt_head.h"

#include <cjose/base64.h>
#include <cjose/jwk.h>
#include <cjose/jws.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct jwt_key {
    enum jwt_key_kind kind;
    bool bound;
    enum jwt_algorithm algorithm;
    char kid[JWK_KID_MAX];
    size_t kid_len;
    cjose_jwk_t *jwk;
};

struct jwt_keys {
    atomic_uint references;
    struct jwt_key items[JWK_KEYS_MAX];
    size_t count;
};

/* What a file of keys has in it and no secret does, by chance or choice. A damaged one has it too,
 * so nothing is parsed. Such a file is known to many or to all: anybody of them could sign with it.
 */
static const struct {
    const char *mark, *kind;
} key_files[] = {
    {"-----BEGIN ", "a PEM key or certificate"},
    {"\"keys\"", "a JSON Web Key Set"},
    {"\"kty\"", "a JSON Web Key"},
};

/* NULL: none of them. */
static const char *key_file_kind(struct span text)
{
    for (size_t i = 0; i < sizeof key_files / sizeof key_files[0]; i++) {
        if (memmem(text.ptr, text.len, key_files[i].mark, strlen(key_files[i].mark)) != NULL) {
            return key_files[i].kind;
        }
    }
    return NULL;
}

static enum err add_secret(struct jwt_keys *keys, const struct jwt_policy *policy, struct span text,
                           struct buf *message)
{
    const size_t least = jwt_secret_bytes_min(policy->pinned);
    const char *kind = key_file_kind(text);
    if (kind != NULL) {
        (void)buf_printf(message,
                         "it is %s, and not the bytes of a secret themselves; public keys go as a "
                         "key set into --jwt-jwks-file",
                         kind);
        return ERR_INVALID;
    }
    if (text.len > 0 && text.ptr[text.len - 1] == '\n') {
        text.len--;
    }
    if (text.len < least || text.len > JWT_SECRET_BYTES_MAX) {
        (void)buf_printf(message, "it must have %zu to %d bytes", least, JWT_SECRET_BYTES_MAX);
        return ERR_INVALID;
    }
    cjose_jwk_t *jwk = cjose_jwk_create_oct_spec((const uint8_t *)text.ptr, text.len, NULL);
    if (jwk == NULL) {
        return ERR_NOMEM;
    }
    keys->items[keys->count++] = (struct jwt_key){.kind = JWT_KEY_SECRET, .jwk = jwk};
    return ERR_OK;
}

static enum err add_public(struct jwt_keys *keys, const struct jwk *key, struct buf *message)
{
    cjose_jwk_t *jwk = cjose_jwk_import(key->json, strlen(key->json), NULL);
    if (jwk == NULL) {
        (void)buf_printf(message, "the key with kid '%.*s' is not valid", (int)key->kid_len,
                         key->kid);
        return ERR_INVALID;
    }
    struct jwt_key *own = &keys->items[keys->count++];
    *own = (struct jwt_key){.kind = key->kind,
                            .bound = key->bound,
                            .algorithm = key->algorithm,
                            .kid_len = key->kid_len,
                            .jwk = jwk};
    memcpy(own->kid, key->kid, key->kid_len);
    const size_t bits = cjose_jwk_get_keysize(jwk, NULL);
    if (key->kind == JWT_KEY_RSA && (bits < JWT_RSA_BITS_MIN || bits > JWT_RSA_BITS_MAX)) {
        (void)buf_printf(message, "an RSA key has %zu bits, not %d to %d", bits, JWT_RSA_BITS_MIN,
                         JWT_RSA_BITS_MAX);
        return ERR_INVALID;
    }
    return ERR_OK;
}

static enum err add_set(struct jwt_keys *keys, struct span text, struct buf *message)
{
    struct jwk_set *set = calloc(1, sizeof *set);
    if (set == NULL) {
        return ERR_NOMEM;
    }
    enum err e = jwk_set_parse(text, set, message);
    for (size_t i = 0; e == ERR_OK && i < set->count; i++) {
        e = add_public(keys, &set->keys[i], message);
    }
    jwk_set_clear(set);
    free(set);
    return e;
}

enum err jwt_keys_new(const struct jwt_policy *policy, struct span text, struct buf *message,
                      struct jwt_keys **out)
{
    struct jwt_keys *keys = calloc(1, sizeof *keys);
    if (keys == NULL) {
        return ERR_NOMEM;
    }
    atomic_init(&keys->references, 1);
    const enum err e = policy->source == JWT_FROM_SECRET ? add_secret(keys, policy, text, message)
                                                         : add_set(keys, text, message);
    if (e != ERR_OK) {
        jwt_keys_release(&keys);
        return e;
    }
    *out = keys;
    return ERR_OK;
}

struct jwt_keys *jwt_keys_hold(struct jwt_keys *keys)
{
    (void)atomic_fetch_add(&keys->references, 1);
    return keys;
}

void jwt_keys_release(struct jwt_keys **keys)
{
    struct jwt_keys *k = *keys;
    *keys = NULL;
    if (k == NULL || atomic_fetch_sub(&k->references, 1) > 1) {
        return;
    }
    for (size_t i = 0; i < k->count; i++) {
        (void)cjose_jwk_release(k->items[i].jwk);
    }
    free(k);
}

size_t jwt_keys_count(const struct jwt_keys *keys)
{
    return keys->count;
}

/* By our own reading of the header: the library keeps the last of two members of one name, and
 * cannot say whether one is there that is no text. */
static enum token_fault head_of(struct span token, jwt_algorithms pinned, struct jwt_head *out)
{
    struct span part, rest;
    uint8_t *json = NULL;
    size_t len = 0;
    (void)span_cut(token, '.', &part, &rest);
    if (!cjose_base64url_decode(part.ptr, part.len, &json, &len, NULL)) {
        return TOKEN_MALFORMED;
    }
    const enum token_fault fault =
        jwt_head_parse((struct span){(const char *)json, len}, pinned, out);
    free(json);
    return fault;
}

static bool key_fits(const struct jwt_key *key, const struct jwt_head *head)
{
    return key->kind == jwt_algorithm_kind(head->algorithm) &&
           (!key->bound || key->algorithm == head->algorithm);
}

/* A shared secret has no name: whatever a token calls it is fine. */
static enum token_fault find_key(const struct jwt_keys *keys, const struct jwt_head *head,
                                 const struct jwt_key **out)
{
    bool known = false;
    *out = NULL;
    for (size_t i = 0; i < keys->count; i++) {
        const struct jwt_key *key = &keys->items[i];
        const struct span kid = {key->kid, key->kid_len};
        const struct span wanted = {head->kid, head->kid_len};
        if (key->kind != JWT_KEY_SECRET && head->has_kid &&
            (kid.len == 0 || !span_eq(kid, wanted))) {
            continue;
        }
        known = true;
        if (!key_fits(key, head)) {
            continue;
        }
        if (*out != NULL) {
            return TOKEN_KEY; /* which of them is meant was not said */
        }
        *out = key;
    }
    if (*out != NULL) {
        return TOKEN_OK;
    }
    return known && head->has_kid ? TOKEN_ALGORITHM : TOKEN_KEY;
}

static enum token_fault check_signature(const struct jwt_policy *policy, struct span token,
                                        const struct jwt_key *key, int64_t now_s,
                                        struct claims *out)
{
    uint8_t *payload = NULL;
    size_t len = 0;
    cjose_jws_t *jws = cjose_jws_import(token.ptr, token.len, NULL);
    if (jws == NULL) {
        return TOKEN_MALFORMED;
    }
    enum token_fault fault = TOKEN_SIGNATURE;
    if (cjose_jws_verify(jws, key->jwk, NULL) &&
        cjose_jws_get_plaintext(jws, &payload, &len, NULL)) {
        const struct span json = {(const char *)payload, len};
        fault = claims_check(json, &policy->claims, now_s, out);
    }
    cjose_jws_release(jws);
    return fault;
}

enum token_fault jwt_keys_check(const struct jwt_keys *keys, const struct jwt_policy *policy,
                                struct span token, int64_t now_s, struct claims *out)
{
    struct jwt_head head;
    const struct jwt_key *key;
    if (!token_shape_valid(token)) {
        return TOKEN_MALFORMED;
    }
    enum token_fault fault = head_of(token, policy->pinned, &head);
    if (fault == TOKEN_OK) {
        fault = find_key(keys, &head, &key);
    }
    if (fault == TOKEN_OK && !jwt_signature_fits(head.algorithm, token)) {
        fault = TOKEN_SIGNATURE;
    }
    return fault == TOKEN_OK ? check_signature(policy, token, key, now_s, out) : fault;
}
