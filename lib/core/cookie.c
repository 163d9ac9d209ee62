#include "core/cookie.h"

#include <string.h>

static bool is_token_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

bool cookie_name_valid(struct span name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (!is_token_char(name.ptr[i])) {
            return false;
        }
    }
    return name.len > 0 && name.len <= COOKIE_NAME_MAX;
}

enum err cookie_find(struct span header, struct span name, struct span *value)
{
    enum err found = ERR_NOT_FOUND;
    while (header.len > 0) {
        struct span pair, key, text;
        (void)span_cut(header, ';', &pair, &header);
        if (!span_cut(pair, '=', &key, &text) || !span_eq(span_trim(key), name)) {
            continue;
        }
        if (found == ERR_OK) {
            return ERR_EXISTS;
        }
        *value = span_trim(text);
        found = ERR_OK;
    }
    return found;
}
