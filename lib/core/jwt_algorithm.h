/* JWT algorithm: the signatures that can be accepted, and which keys each is for (RFC 7518 §3.1).
 *
 * `none` is not in the list. An algorithm belongs to one kind of key, and a key to one kind of
 * file: a shared secret is never in a key set and a public key never in a secret's file, so a
 * public key cannot be passed off as an HMAC secret. */
#ifndef LONGHAUL_CORE_JWT_ALGORITHM_H
#define LONGHAUL_CORE_JWT_ALGORITHM_H

#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

enum jwt_key_kind {
    JWT_KEY_SECRET,
    JWT_KEY_RSA,
    JWT_KEY_P256,
    JWT_KEY_P384,
    JWT_KEY_P521,
};

enum jwt_algorithm {
    JWT_HS256,
    JWT_HS384,
    JWT_HS512,
    JWT_RS256,
    JWT_RS384,
    JWT_RS512,
    JWT_PS256,
    JWT_PS384,
    JWT_PS512,
    JWT_ES256,
    JWT_ES384,
    JWT_ES512,
    JWT_ALGORITHM_COUNT
};

enum jwt_source { JWT_FROM_SECRET, JWT_FROM_KEY_SET };

/* Pinned algorithms: bit 1 << enum jwt_algorithm. */
typedef unsigned jwt_algorithms;

MUST_CHECK enum err jwt_algorithm_find(struct span name, enum jwt_algorithm *out); /* NOT_FOUND */
enum jwt_key_kind jwt_algorithm_kind(enum jwt_algorithm a);
/* Is the signature of this token (three parts in base64url) as long as RFC 7518 §3.2 and §3.4 want
 * it? cjose takes an ECDSA signature with zeros before its numbers, so that one token would have
 * many spellings. Any length does for RSA, where the key decides. */
bool jwt_signature_fits(enum jwt_algorithm a, struct span token);
/* RFC 7518 §3.2: a secret is at least as long as the digest. */
size_t jwt_secret_bytes_min(jwt_algorithms pinned);

/* "RS256,ES256"; empty text: HS256 for a secret, RS256 and ES256 for a key set. ERR_NOT_FOUND: an
 * unknown name; ERR_DENIED: one that the source has no keys for; *bad is that item. */
MUST_CHECK enum err jwt_algorithms_parse(struct span text, enum jwt_source source,
                                         jwt_algorithms *out, struct span *bad);

#endif
