#include "core/client_address.h"

#include <string.h>

enum { V6_GROUP_BYTES = 8 };

static bool is_trusted(const struct cidr_list *trusted, const struct address *a)
{
    for (size_t i = 0; i < trusted->count; i++) {
        if (cidr_contains(&trusted->items[i], a)) {
            return true;
        }
    }
    return false;
}

/* Cuts off what stands behind the last comma. */
static struct span take_last(struct span *list)
{
    size_t start = list->len;
    while (start > 0 && list->ptr[start - 1] != ',') {
        start--;
    }
    const struct span item = {list->ptr + start, list->len - start};
    list->len = start > 0 ? start - 1 : 0;
    return span_trim(item);
}

static bool is_port(struct span text)
{
    uint64_t n;
    return span_to_u64(text, &n) == ERR_OK && n <= UINT16_MAX;
}

/* "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80". */
static enum err entry_parse(struct span text, struct address *out)
{
    struct span host, rest;
    if (text.len > 0 && text.ptr[0] == '[') {
        text = (struct span){text.ptr + 1, text.len - 1};
        if (!span_cut(text, ']', &host, &rest) || memchr(host.ptr, ':', host.len) == NULL) {
            return ERR_INVALID;
        }
        if (rest.len > 0 &&
            (rest.ptr[0] != ':' || !is_port((struct span){rest.ptr + 1, rest.len - 1}))) {
            return ERR_INVALID;
        }
        return address_parse(host, out);
    }
    const bool has_colon = span_cut(text, ':', &host, &rest);
    if (has_colon && memchr(rest.ptr, ':', rest.len) == NULL) {
        return is_port(rest) ? address_parse(host, out) : ERR_INVALID;
    }
    return address_parse(text, out);
}

struct address client_address(const struct address *peer, struct span forwarded,
                              const struct cidr_list *trusted)
{
    struct address at = *peer;
    for (int hops = 0; is_trusted(trusted, &at) && forwarded.len > 0; hops++) {
        if (hops == FORWARDED_HOPS_MAX || entry_parse(take_last(&forwarded), &at) != ERR_OK) {
            return *peer;
        }
    }
    return at;
}

struct address client_address_group(const struct address *a)
{
    static const unsigned char mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    struct address group = *a;
    if (memcmp(a->bytes, mapped, sizeof mapped) != 0) {
        memset(group.bytes + V6_GROUP_BYTES, 0, ADDRESS_SIZE - V6_GROUP_BYTES);
    }
    return group;
}
