#include "base/base32.h"

#include <limits.h>

enum { CHAR_BITS = 5 };

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

/* Each byte's place in the alphabet, from 1; 0: not in it. Every job id is read several times. */
static const unsigned char places[UCHAR_MAX + 1] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['g'] = 17, ['h'] = 18, ['j'] = 19, ['k'] = 20, ['m'] = 21, ['n'] = 22, ['p'] = 23, ['q'] = 24,
    ['r'] = 25, ['s'] = 26, ['t'] = 27, ['v'] = 28, ['w'] = 29, ['x'] = 30, ['y'] = 31, ['z'] = 32,
};

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
    return (int)places[(unsigned char)c] - 1;
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
