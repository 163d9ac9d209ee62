#include "core/base64url.h"

#include <string.h>

/* -1: no digit. */
static int value_of(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *at = memchr(digits, c, sizeof digits - 1);
    return at != NULL ? (int)(at - digits) : -1;
}

bool base64url_valid(struct span text)
{
    static const int beyond[4] = {0, -1, 0x0F, 0x03}; /* by the length's rest; no bytes end at 1 */
    int last = 0;
    for (size_t i = 0; i < text.len; i++) {
        last = value_of(text.ptr[i]);
        if (last < 0) {
            return false;
        }
    }
    return text.len % 4 != 1 && (last & beyond[text.len % 4]) == 0;
}
