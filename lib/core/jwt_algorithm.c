#include "core/jwt_algorithm.h"

#include <assert.h>

struct algorithm {
    const char *name;
    enum jwt_key_kind kind;
    size_t digest_bytes;
};

static const struct algorithm ALGORITHMS[JWT_ALGORITHM_COUNT] = {
    [JWT_HS256] = {"HS256", JWT_KEY_SECRET, 32}, [JWT_HS384] = {"HS384", JWT_KEY_SECRET, 48},
    [JWT_HS512] = {"HS512", JWT_KEY_SECRET, 64}, [JWT_RS256] = {"RS256", JWT_KEY_RSA, 32},
    [JWT_RS384] = {"RS384", JWT_KEY_RSA, 48},    [JWT_RS512] = {"RS512", JWT_KEY_RSA, 64},
    [JWT_PS256] = {"PS256", JWT_KEY_RSA, 32},    [JWT_PS384] = {"PS384", JWT_KEY_RSA, 48},
    [JWT_PS512] = {"PS512", JWT_KEY_RSA, 64},    [JWT_ES256] = {"ES256", JWT_KEY_P256, 32},
    [JWT_ES384] = {"ES384", JWT_KEY_P384, 48},   [JWT_ES512] = {"ES512", JWT_KEY_P521, 64},
};

enum err jwt_algorithm_find(struct span name, enum jwt_algorithm *out)
{
    for (enum jwt_algorithm a = 0; a < JWT_ALGORITHM_COUNT; a++) {
        if (span_eq(span_of(ALGORITHMS[a].name), name)) {
            *out = a;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

/* Of a raw signature; 0: as long as the key. */
static size_t signature_bytes(enum jwt_algorithm a)
{
    enum { P256 = 64, P384 = 96, P521 = 132 }; /* twice the bytes of a coordinate */
    switch (ALGORITHMS[a].kind) {
    case JWT_KEY_SECRET:
        return ALGORITHMS[a].digest_bytes;
    case JWT_KEY_P256:
        return P256;
    case JWT_KEY_P384:
        return P384;
    case JWT_KEY_P521:
        return P521;
    case JWT_KEY_RSA:
        break;
    }
    return 0;
}

bool jwt_signature_fits(enum jwt_algorithm a, struct span token)
{
    struct span head, payload, signature, rest;
    if (!span_cut(token, '.', &head, &rest) || !span_cut(rest, '.', &payload, &signature)) {
        return false;
    }
    const size_t bytes = signature_bytes(a);
    return bytes == 0 || signature.len == (bytes * 4 + 2) / 3;
}

enum jwt_key_kind jwt_algorithm_kind(enum jwt_algorithm a)
{
    assert(a < JWT_ALGORITHM_COUNT);
    return ALGORITHMS[a].kind;
}

size_t jwt_secret_bytes_min(jwt_algorithms pinned)
{
    size_t most = 0;
    for (enum jwt_algorithm a = 0; a < JWT_ALGORITHM_COUNT; a++) {
        if ((pinned & 1U << a) != 0 && ALGORITHMS[a].digest_bytes > most) {
            most = ALGORITHMS[a].digest_bytes;
        }
    }
    return most;
}

enum err jwt_algorithms_parse(struct span text, enum jwt_source source, jwt_algorithms *out,
                              struct span *bad)
{
    if (text.len == 0) {
        *out = source == JWT_FROM_SECRET ? 1U << JWT_HS256 : 1U << JWT_RS256 | 1U << JWT_ES256;
        return ERR_OK;
    }
    *out = 0;
    for (bool more = true; more;) {
        enum jwt_algorithm a;
        more = span_cut(text, ',', bad, &text);
        *bad = span_trim(*bad);
        TRY(jwt_algorithm_find(*bad, &a));
        if ((ALGORITHMS[a].kind == JWT_KEY_SECRET) != (source == JWT_FROM_SECRET)) {
            return ERR_DENIED;
        }
        *out |= 1U << a;
    }
    return ERR_OK;
}
