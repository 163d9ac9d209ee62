#include "wire/wire_text.h"

#include <stdint.h>

/* Lead bytes of UTF-8 by range: how many bytes follow, and what the first of them may be. */
struct lead {
    unsigned char from, to;
    unsigned char follow;
    unsigned char first_min, first_max;
};
static const struct lead leads[] = {
    /* 0xC2 continues at 0xA0: below are the C1 controls. */
    {0xC2, 0xC2, 1, 0xA0, 0xBF}, {0xC3, 0xDF, 1, 0x80, 0xBF}, {0xE0, 0xE0, 2, 0xA0, 0xBF},
    {0xE1, 0xEC, 2, 0x80, 0xBF}, {0xED, 0xED, 2, 0x80, 0x9F}, {0xEE, 0xEF, 2, 0x80, 0xBF},
    {0xF0, 0xF0, 3, 0x90, 0xBF}, {0xF1, 0xF3, 3, 0x80, 0xBF}, {0xF4, 0xF4, 3, 0x80, 0x8F},
};

static const struct lead *find_lead(unsigned char c)
{
    for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++) {
        if (c >= leads[i].from && c <= leads[i].to) {
            return &leads[i];
        }
    }
    return NULL;
}

/* Bytes of the character at `at`, which is not ASCII; 0 if it is not one. */
static size_t multibyte_len(const unsigned char *at, size_t left)
{
    const struct lead *lead = find_lead(at[0]);
    if (lead == NULL || left <= lead->follow || at[1] < lead->first_min ||
        at[1] > lead->first_max) {
        return 0;
    }
    for (size_t i = 2; i <= lead->follow; i++) {
        if ((at[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return 1 + (size_t)lead->follow;
}

bool wire_text_valid(struct span s, size_t bytes_max)
{
    if (s.len > bytes_max) {
        return false;
    }
    const unsigned char *at = (const unsigned char *)s.ptr;
    for (size_t i = 0; i < s.len;) {
        const size_t len = at[i] >= 0x80 ? multibyte_len(at + i, s.len - i)
                                         : (size_t)(at[i] >= 0x20 && at[i] != 0x7F);
        if (len == 0) {
            return false;
        }
        i += len;
    }
    return true;
}

bool wire_name_valid(struct span s, size_t bytes_max)
{
    for (size_t i = 0; i < s.len && i < bytes_max; i++) {
        const char c = s.ptr[i];
        if (c <= ' ' || c > '~' || c == ':' || c == ';') {
            return false;
        }
    }
    return s.len > 0 && s.len <= bytes_max;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool segment_valid(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        const char c = s.ptr[i];
        const bool lower = c >= 'a' && c <= 'z';
        if (!is_digit(c) && !is_upper(c) && !lower && c != '.' && c != '_' && c != '-') {
            return false;
        }
    }
    return s.len > 0 && !span_eq(s, SPAN(".")) && !span_eq(s, SPAN(".."));
}

bool wire_key_valid(struct span s, size_t bytes_max)
{
    if (s.len > bytes_max) {
        return false;
    }
    struct span segment, rest = s;
    bool more = true;
    while (more) {
        more = span_cut(rest, '/', &segment, &rest);
        if (!segment_valid(segment)) {
            return false;
        }
    }
    return true;
}

bool wire_code_valid(struct span s, size_t bytes_max)
{
    for (size_t i = 0; i < s.len && i < bytes_max; i++) {
        if (!is_digit(s.ptr[i]) && !is_upper(s.ptr[i]) && s.ptr[i] != '_') {
            return false;
        }
    }
    return s.len > 0 && s.len <= bytes_max;
}
