/* JWK set: a file of public keys (RFC 7517 §5), taken apart.
 *
 * Keys that cannot check a signature here are passed over, as the RFC says: another `kty` or `crv`,
 * `use` other than `sig`, `key_ops` without `verify`. What says that the file is not a published
 * key set, or cannot be told apart, is refused whole: a private or a symmetric key, two keys of one
 * kind under one `kid`, numbers that are no base64url, nothing that can be used. Whether a key's
 * numbers make a key is not looked at.
 *
 * Owner: the caller. */
#ifndef LONGHAUL_CORE_JWK_SET_H
#define LONGHAUL_CORE_JWK_SET_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "core/jwt_algorithm.h"

#include <stdbool.h>

enum {
    JWK_SET_BYTES_MAX = 262144, /* of the file: 64 RSA keys with certificate chains */
    JWK_KEYS_MAX = 64,
    JWK_KID_MAX = 256, /* bytes */
};

struct jwk {
    enum jwt_key_kind kind;
    bool bound; /* to `algorithm`, by the member `alg` */
    enum jwt_algorithm algorithm;
    char kid[JWK_KID_MAX];
    size_t kid_len; /* 0: it has none */
    char *json;     /* the key: its kind and its numbers alone; owned */
};

struct jwk_set {
    struct jwk keys[JWK_KEYS_MAX];
    size_t count;
};

/* ERR_INVALID, ERR_TOO_LARGE, ERR_FULL, ERR_NOMEM: `message` says why, and *out is cleared. */
MUST_CHECK enum err jwk_set_parse(struct span text, struct jwk_set *out, struct buf *message);
void jwk_set_clear(struct jwk_set *set);

#endif
