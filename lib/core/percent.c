#include "core/percent.h"

#include "core/plain_text.h"

#include <string.h>

static bool unreserved(unsigned char c)
{
    const unsigned char lower = c | 0x20;
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

void percent_encode(struct buf *out, struct span text)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t run = 0;
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.ptr[i];
        if (unreserved(c)) {
            run++;
            continue;
        }
        const char escape[3] = {'%', digits[c >> 4], digits[c & 15]};
        (void)buf_append(out, text.ptr + i - run, run);
        (void)buf_append(out, escape, sizeof escape);
        run = 0;
    }
    if (run > 0) {
        (void)buf_append(out, text.ptr + text.len - run, run);
    }
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The byte that "%XX" at the start of `text` stands for; -1 if it is not one. */
static int decode_escape(struct span text)
{
    if (text.len < 3) {
        return -1;
    }
    const int high = hex_value(text.ptr[1]);
    const int low = hex_value(text.ptr[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

enum err percent_decode(struct span text, bool plus_is_space, char *out, size_t cap,
                        struct span *decoded)
{
    size_t len = 0;
    while (text.len > 0) {
        int byte = (unsigned char)text.ptr[0];
        size_t taken = 1;
        if (byte == '%') {
            byte = decode_escape(text);
            taken = 3;
        } else if (byte == '+' && plus_is_space) {
            byte = ' ';
        }
        if (byte < 0) {
            return ERR_INVALID;
        }
        if (len == cap) {
            return ERR_TOO_LARGE;
        }
        out[len++] = (char)byte;
        text.ptr += taken;
        text.len -= taken;
    }
    *decoded = (struct span){out, len};
    return plain_text(*decoded) ? ERR_OK : ERR_INVALID;
}
