#include "core/origin.h"

#include <string.h>

static bool is_host_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

static bool is_v6_char(char c)
{
    return (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9') || c == ':' || c == '.';
}

static bool all(struct span text, bool (*fits)(char))
{
    for (size_t i = 0; i < text.len; i++) {
        if (!fits(text.ptr[i])) {
            return false;
        }
    }
    return text.len > 0;
}

static bool port_valid(struct span port, bool secure)
{
    uint64_t n;
    return span_to_u64(port, &n) == ERR_OK && n > 0 && n <= UINT16_MAX && n != (secure ? 443 : 80);
}

/* A browser writes neither a default port nor capitals: such an item would never match. */
static bool origin_valid(struct span text)
{
    struct span host, port;
    const bool secure = span_starts(text, SPAN("https://"));
    if (text.len > ORIGIN_BYTES_MAX || (!secure && !span_starts(text, SPAN("http://")))) {
        return false;
    }
    const size_t scheme = secure ? sizeof "https://" - 1 : sizeof "http://" - 1;
    text = (struct span){text.ptr + scheme, text.len - scheme};
    if (text.len > 0 && text.ptr[0] == '[') {
        text = (struct span){text.ptr + 1, text.len - 1};
        if (!span_cut(text, ']', &host, &port) || !all(host, is_v6_char)) {
            return false;
        }
        return port.len == 0 || (port.ptr[0] == ':' &&
                                 port_valid((struct span){port.ptr + 1, port.len - 1}, secure));
    }
    const bool has_port = span_cut(text, ':', &host, &port);
    return all(host, is_host_char) && (!has_port || port_valid(port, secure));
}

enum err origin_list_parse(struct span text, struct origin_list *out, struct span *bad)
{
    out->count = 0;
    bool more = span_trim(text).len > 0;
    while (more) {
        struct span item;
        more = span_cut(text, ',', &item, &text);
        item = span_trim(item);
        *bad = item;
        if (out->count == ORIGINS_MAX) {
            return ERR_FULL;
        }
        if (!origin_valid(item)) {
            return ERR_INVALID;
        }
        out->items[out->count++] = item;
    }
    return ERR_OK;
}

bool origin_listed(const struct origin_list *list, struct span origin)
{
    for (size_t i = 0; i < list->count; i++) {
        if (span_eq(list->items[i], origin)) {
            return true;
        }
    }
    return false;
}
