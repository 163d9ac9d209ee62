// links: base core gateway
/* Any bytes as a bearer token, against a shared secret and against a key set. A token that is
 * accepted names a user, and one is accepted by one of the two at most. */
#include "gateway/jwt_keys.h"

#include <assert.h>
#include <stdint.h>

/* The example key of RFC 7515 A.2 and the one of A.3. */
#define RSA_KEY                                                                                    \
    "{\"kty\":\"RSA\",\"kid\":\"r\",\"e\":\"AQAB\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_"     \
    "wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_"       \
    "YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-"        \
    "UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_"  \
    "h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\"}"
#define EC_KEY                                                                                     \
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","     \
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}"

static const struct jwt_policy policies[] = {
    {.source = JWT_FROM_SECRET, .pinned = 1U << JWT_HS256, .claims = {.leeway_s = 30}},
    {.source = JWT_FROM_KEY_SET,
     .pinned = 1U << JWT_RS256 | 1U << JWT_PS256 | 1U << JWT_ES256,
     .claims = {.leeway_s = 30}},
};
static struct jwt_keys *keys[2];

static void open_keys(void)
{
    const struct span texts[] = {SPAN("0123456789abcdef0123456789abcdef\n"),
                                 SPAN("{\"keys\":[" RSA_KEY "," EC_KEY "]}")};
    struct buf message;
    buf_init(&message, 1024);
    for (size_t i = 0; i < 2; i++) {
        const enum err e = jwt_keys_new(&policies[i], texts[i], &message, &keys[i]);
        assert(e == ERR_OK);
    }
    buf_clear(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const struct span token = {(const char *)data, len};
    int accepted = 0;
    if (keys[0] == NULL) {
        open_keys();
    }
    for (size_t i = 0; i < 2; i++) {
        struct claims claims;
        if (jwt_keys_check(keys[i], &policies[i], token, 1000000, &claims) == TOKEN_OK) {
            assert(claims.user_len > 0 && claims.user_len <= CLAIMS_USER_MAX);
            accepted++;
        }
    }
    assert(accepted < 2);
    return 0;
}
