#include "base/json_text.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* RFC 3629 §4: what the first byte allows. The second byte's range is narrower than 80-BF where an
 * overlong form, a surrogate or a number past U+10FFFF would begin. */
static const struct utf8_rule {
    unsigned char first_min, first_max, second_min, second_max, len;
} utf8_rules[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
    {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
    {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

static bool follows(struct span s, const struct utf8_rule *rule)
{
    if (s.len < rule->len) {
        return false;
    }
    const unsigned char second = (unsigned char)s.ptr[1];
    if (second < rule->second_min || second > rule->second_max) {
        return false;
    }
    for (size_t i = 2; i < rule->len; i++) {
        if (((unsigned char)s.ptr[i] & 0xC0U) != 0x80U) {
            return false;
        }
    }
    return true;
}

size_t utf8_sequence_len(struct span s)
{
    if (s.len == 0) {
        return 0;
    }
    const unsigned char first = (unsigned char)s.ptr[0];
    if (first < 0x80) {
        return 1;
    }
    for (size_t i = 0; i < sizeof utf8_rules / sizeof utf8_rules[0]; i++) {
        const struct utf8_rule *rule = &utf8_rules[i];
        if (first >= rule->first_min && first <= rule->first_max) {
            return follows(s, rule) ? rule->len : 0;
        }
    }
    return 0;
}

/* Bytes at the start of `s` that may stand in a JSON string as they are. */
static size_t plain_len(struct span s)
{
    size_t len = 0;
    while (len < s.len) {
        const unsigned char c = (unsigned char)s.ptr[len];
        if (c < 0x20 || c == '"' || c == '\\') {
            break;
        }
        const size_t step =
            c < 0x80 ? 1 : utf8_sequence_len((struct span){s.ptr + len, s.len - len});
        if (step == 0) {
            break;
        }
        len += step;
    }
    return len;
}

/* The letter after the backslash; NUL where only \u00XX will do. */
static const char short_escapes[128] = {
    ['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
    ['\n'] = 'n', ['\r'] = 'r',  ['\t'] = 't',
};

static size_t escape(unsigned char c, char out[JSON_ESCAPE_SIZE])
{
    if (c >= 0x80) {
        memcpy(out, "\xEF\xBF\xBD", 3);
        return 3;
    }
    if (short_escapes[c] != '\0') {
        out[0] = '\\';
        out[1] = short_escapes[c];
        return 2;
    }
    const int len = snprintf(out, JSON_ESCAPE_SIZE, "\\u%04x", (unsigned)c);
    assert(len == 6);
    return (size_t)len;
}

struct span json_text_next(struct span *rest, char scratch[JSON_ESCAPE_SIZE])
{
    assert(rest->len > 0);
    const size_t len = plain_len(*rest);
    struct span piece = {rest->ptr, len};
    if (len == 0) {
        piece = (struct span){scratch, escape((unsigned char)rest->ptr[0], scratch)};
    }
    const size_t taken = len > 0 ? len : 1;
    rest->ptr += taken;
    rest->len -= taken;
    return piece;
}
