// links: base core
/* Any bytes as a token's payload: a user comes out of valid ones only, and is plain text. */
#include "core/claims.h"
#include "core/plain_text.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const struct claims_policy open_policy = {.leeway_s = 30};
    static const struct claims_policy strict = {
        .issuer = {"i", 1}, .audience = {"a", 1}, .leeway_s = 0};
    const struct span json = {(const char *)data, len};
    struct claims claims = {0};
    if (claims_check(json, &open_policy, 1000000, &claims) == TOKEN_OK ||
        claims_check(json, &strict, 1000000, &claims) == TOKEN_OK) {
        assert(claims.user_len > 0 && claims.user_len <= CLAIMS_USER_MAX);
        assert(plain_text((struct span){claims.user, claims.user_len}));
    } else {
        assert(claims.user_len == 0 && !claims.admin);
    }
    return 0;
}
