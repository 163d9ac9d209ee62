#include "core/admin_host.h"

#include "core/address.h"

/* Without the port. Brackets of IPv6 go as well. */
static struct span host_of(struct span authority)
{
    if (authority.len > 0 && authority.ptr[0] == '[') {
        for (size_t i = 1; i < authority.len; i++) {
            if (authority.ptr[i] == ']') {
                return (struct span){authority.ptr + 1, i - 1};
            }
        }
        return (struct span){0};
    }
    struct span host, port;
    (void)span_cut(authority, ':', &host, &port);
    return host;
}

static bool same_name(struct span a, struct span b)
{
    return a.len > 0 && span_eq_nocase(a, b);
}

bool admin_host_allowed(struct span authority, const char *listed)
{
    const struct span host = host_of(authority);
    struct address address;
    if (same_name(host, SPAN("localhost")) || address_parse(host, &address) == ERR_OK) {
        return true;
    }
    struct span rest = listed != NULL ? span_of(listed) : (struct span){0};
    for (struct span name; rest.len > 0;) {
        struct span next = {0};
        (void)span_cut(rest, ',', &name, &next);
        if (same_name(name, host)) {
            return true;
        }
        rest = next;
    }
    return false;
}

bool admin_origin_same(struct span origin, struct span authority)
{
    static const struct span schemes[] = {{"http://", 7}, {"https://", 8}};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (span_starts(origin, schemes[i])) {
            const struct span rest = {origin.ptr + schemes[i].len, origin.len - schemes[i].len};
            return same_name(rest, authority);
        }
    }
    return false;
}
