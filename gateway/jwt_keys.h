/* JWT keys: what tokens are checked with, and the check. The only module that sees the library for
 * signatures (cjose); its header says which rules it does not know, they are held here and in
 * core/claims.h:
 *
 *     shape and size -> header: one of the pinned algorithms, no `crit` -> the key that `kid` names
 *     and that is for the algorithm -> signature -> claims
 *
 * The algorithm is decided before a key is touched, and a key is used for its own kind only. A
 * token without `kid` is checked with the one key that is for its algorithm, if there is one and no
 * more.
 *
 * Immutable once made, so any thread may check with it. Owner: by count of references. */
#ifndef LONGHAUL_GATEWAY_JWT_KEYS_H
#define LONGHAUL_GATEWAY_JWT_KEYS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "core/claims.h"
#include "core/jwt_algorithm.h"

enum {
    JWT_SECRET_BYTES_MAX = 4096,
    JWT_RSA_BITS_MIN = 2048, /* RFC 7518 §3.3 */
    JWT_RSA_BITS_MAX = 8192, /* longer ones make each check a burden */
};

struct jwt_keys;

struct jwt_policy {
    enum jwt_source source;
    jwt_algorithms pinned;
    struct claims_policy claims;
};

/* `text`: the file's bytes; of a secret one trailing newline is dropped. `message` says what is
 * wrong with them, and shows nothing of them. One reference is the caller's. */
MUST_CHECK enum err jwt_keys_new(const struct jwt_policy *policy, struct span text,
                                 struct buf *message, struct jwt_keys **out);
struct jwt_keys *jwt_keys_hold(struct jwt_keys *keys);
void jwt_keys_release(struct jwt_keys **keys); /* NULL inside is fine */
size_t jwt_keys_count(const struct jwt_keys *keys);

enum token_fault jwt_keys_check(const struct jwt_keys *keys, const struct jwt_policy *policy,
                                struct span token, int64_t now_s, struct claims *out);

#endif
