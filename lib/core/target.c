#include "core/target.h"

#include <stdbool.h>
#include <string.h>

static bool is_hex(char c)
{
    const char lower = (char)(c | 0x20);
    return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'f');
}

static bool is_uri_byte(unsigned char c)
{
    return c > 0x20 && c < 0x7F && strchr("#\"<>\\^`{|}", c) == NULL;
}

/* Bytes at the start that may stand in a URI. */
static size_t uri_len(struct span s)
{
    size_t i = 0;
    while (i < s.len && is_uri_byte((unsigned char)s.ptr[i])) {
        if (s.ptr[i] == '%') {
            if (s.len - i < 3 || !is_hex(s.ptr[i + 1]) || !is_hex(s.ptr[i + 2])) {
                return i;
            }
            i += 2;
        }
        i++;
    }
    return i;
}

/* Bytes of "http://authority"; 0 if the text does not begin so. */
static size_t authority_len(struct span s)
{
    static const struct span schemes[] = {{"http://", 7}, {"https://", 8}};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        const size_t len = schemes[i].len;
        if (s.len <= len || !span_eq_nocase((struct span){s.ptr, len}, schemes[i])) {
            continue;
        }
        size_t end = len;
        while (end < s.len && s.ptr[end] != '/' && s.ptr[end] != '?') {
            end++;
        }
        return end > len ? end : 0;
    }
    return 0;
}

enum err target_parse(struct span text, struct target *out)
{
    const struct span valid = {text.ptr, uri_len(text)};
    const size_t skip = authority_len(valid);
    const struct span rest = {skip > 0 ? valid.ptr + skip : valid.ptr, valid.len - skip};
    span_cut(rest, '?', &out->path, &out->query);
    if (skip > 0 && out->path.len == 0) {
        out->path = SPAN("/");
    }
    const bool rooted = out->path.len > 0 && out->path.ptr[0] == '/';
    return rooted && valid.len == text.len ? ERR_OK : ERR_INVALID;
}
