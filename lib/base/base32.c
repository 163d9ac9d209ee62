#include "base/base32.h"

#include <string.h>

enum { CHAR_BITS = 5 };

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

char *base32_put(char *out, size_t chars, uint64_t n)
{
    for (size_t i = chars; i > 0; i--) {
        out[i - 1] = alphabet[n & 31U];
        n >>= CHAR_BITS;
    }
    return out + chars;
}

int base32_value(char c)
{
    const char *at = memchr(alphabet, c, sizeof alphabet - 1);
    return at != NULL ? (int)(at - alphabet) : -1;
}

bool base32_get(struct span text, uint64_t *out)
{
    uint64_t n = 0;
    if (text.len == 0 || text.len > BASE32_CHARS_MAX) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        const int value = base32_value(text.ptr[i]);
        if (value < 0) {
            return false;
        }
        n = n << CHAR_BITS | (uint64_t)value;
    }
    *out = n;
    return true;
}
