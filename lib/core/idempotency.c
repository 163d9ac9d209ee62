#include "core/idempotency.h"

#include <openssl/sha.h>
#include <stdbool.h>

static bool visible(char c)
{
    return c > 0x20 && c < 0x7F;
}

static enum err add_char(struct idempotency_key *key, char c)
{
    if (!visible(c) || key->len == sizeof key->text) {
        return ERR_INVALID;
    }
    key->text[key->len++] = c;
    return ERR_OK;
}

/* RFC 8941 §4.2.5, from behind the opening quote; nothing may follow the closing one. */
static enum err unquote(struct span s, struct idempotency_key *key)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '"') {
            return i + 1 == s.len && key->len > 0 ? ERR_OK : ERR_INVALID;
        }
        if (s.ptr[i] == '\\') {
            i++;
            if (i == s.len || (s.ptr[i] != '"' && s.ptr[i] != '\\')) {
                return ERR_INVALID;
            }
        }
        TRY(add_char(key, s.ptr[i]));
    }
    return ERR_INVALID;
}

enum err idempotency_key_parse(struct span value, struct idempotency_key *out)
{
    const struct span s = span_trim(value);
    out->len = 0;
    if (s.len == 0) {
        return ERR_INVALID;
    }
    if (s.ptr[0] == '"') {
        return unquote((struct span){s.ptr + 1, s.len - 1}, out);
    }
    for (size_t i = 0; i < s.len; i++) {
        TRY(add_char(out, s.ptr[i]));
    }
    return ERR_OK;
}

enum err idempotency_hash(const struct idempotency_key *key, unsigned char out[SHA256_SIZE])
{
    const unsigned char *digest = SHA256((const unsigned char *)key->text, key->len, out);
    return digest != NULL ? ERR_OK : ERR_NOMEM;
}
