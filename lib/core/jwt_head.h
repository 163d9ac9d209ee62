/* JWT head: what a token says of itself before anything is checked (RFC 7515 §4.1).
 *
 *     alg    required; one of the pinned algorithms
 *     kid    optional; a text
 *     crit   refused: what it names would have to be understood
 *
 * Other members mean nothing here: a key is never taken from the token itself (`jwk`, `jku`,
 * `x5u`). A member twice makes the whole invalid. */
#ifndef LONGHAUL_CORE_JWT_HEAD_H
#define LONGHAUL_CORE_JWT_HEAD_H

#include "core/jwk_set.h"
#include "core/jwt_algorithm.h"
#include "core/token_fault.h"

#include <stdbool.h>
#include <stddef.h>

struct jwt_head {
    enum jwt_algorithm algorithm;
    bool has_kid;
    char kid[JWK_KID_MAX];
    size_t kid_len;
};

/* `json`: the decoded first part. TOKEN_OK, TOKEN_MALFORMED, TOKEN_ALGORITHM; TOKEN_KEY for a `kid`
 * longer than any key's. */
enum token_fault jwt_head_parse(struct span json, jwt_algorithms pinned, struct jwt_head *out);

#endif
