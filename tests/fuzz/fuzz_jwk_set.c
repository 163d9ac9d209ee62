// links: base core gateway
/* Any bytes as the file of keys: keys come out of it, or one reason why not. */
#include "gateway/jwt_keys.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const struct jwt_policy policy = {.source = JWT_FROM_KEY_SET,
                                             .pinned = 1U << JWT_RS256 | 1U << JWT_ES256};
    struct jwt_keys *keys = NULL;
    struct buf message;
    buf_init(&message, 1024);
    const struct span text = {(const char *)data, len};
    if (jwt_keys_new(&policy, text, &message, &keys) == ERR_OK) {
        assert(jwt_keys_count(keys) > 0 && message.len == 0);
    } else {
        assert(keys == NULL && message.len > 0);
    }
    jwt_keys_release(&keys);
    buf_clear(&message);
    return 0;
}
