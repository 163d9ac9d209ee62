#include "core/address.h"

#include <arpa/inet.h>
#include <string.h>

enum { V4_PREFIX_BITS = 96, ADDRESS_BITS = 128 };

struct special {
    struct cidr range;
    const char *why;
};

/* An IPv4 range in mapped form, and an IPv6 range by its first bytes. */
#define V4(a, b, c, d, bits)                                                                       \
    {                                                                                              \
        .base = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d}},                          \
        .prefix_bits = V4_PREFIX_BITS + (bits)                                                     \
    }
#define V6(bits, ...)                                                                              \
    {                                                                                              \
        .base = {{__VA_ARGS__}}, .prefix_bits = (bits)                                             \
    }

static const struct special V4_SPECIAL[] = {
    {V4(0, 0, 0, 0, 8), "this network"},
    {V4(10, 0, 0, 0, 8), "private"},
    {V4(100, 64, 0, 0, 10), "carrier-grade NAT"},
    {V4(127, 0, 0, 0, 8), "loopback"},
    {V4(169, 254, 0, 0, 16), "link-local or metadata"},
    {V4(172, 16, 0, 0, 12), "private"},
    {V4(192, 0, 0, 0, 24), "protocol assignments or metadata"},
    {V4(192, 0, 2, 0, 24), "documentation"},
    {V4(192, 31, 196, 0, 24), "AS112"},
    {V4(192, 52, 193, 0, 24), "AMT"},
    {V4(192, 88, 99, 0, 24), "6to4 relay"},
    {V4(192, 168, 0, 0, 16), "private"},
    {V4(192, 175, 48, 0, 24), "AS112"},
    {V4(198, 18, 0, 0, 15), "benchmarking"},
    {V4(198, 51, 100, 0, 24), "documentation"},
    {V4(203, 0, 113, 0, 24), "documentation"},
    {V4(168, 63, 129, 16, 32), "metadata"}, /* a cloud's platform address inside public space */
    {V4(224, 0, 0, 0, 4), "multicast"},
    {V4(240, 0, 0, 0, 4), "reserved or broadcast"},
};

/* Inside 2000::/3; all of IPv6 outside of it is not global unicast today. */
static const struct special V6_SPECIAL[] = {
    {V6(23, 0x20, 0x01), "protocol assignments or Teredo"}, /* 2001::/23 */
    {V6(32, 0x20, 0x01, 0x0d, 0xb8), "documentation"},
    {V6(16, 0x20, 0x02), "6to4"},
    {V6(48, 0x26, 0x20, 0x00, 0x4f, 0x80, 0x00), "AS112"},
    {V6(20, 0x3f, 0xff), "documentation"}, /* RFC 9637 */
};

/* Only for a good name of what is outside of 2000::/3. */
static const struct special V6_OUTSIDE[] = {
    {V6(128, 0), "unspecified"},
    {V6(128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), "loopback"},
    {V6(7, 0xfc), "private"},
    {V6(10, 0xfe, 0x80), "link-local"},
    {V6(8, 0xff), "multicast"},
};

static const struct cidr V4_MAPPED = V4(0, 0, 0, 0, 0);
static const struct cidr NAT64 = V6(96, 0x00, 0x64, 0xff, 0x9b);
static const struct cidr GLOBAL_UNICAST = V6(3, 0x20);

struct address address_v4(const unsigned char bytes[ADDRESS_V4_SIZE])
{
    struct address a = V4_MAPPED.base;
    memcpy(a.bytes + ADDRESS_SIZE - ADDRESS_V4_SIZE, bytes, ADDRESS_V4_SIZE);
    return a;
}

struct address address_v6(const unsigned char bytes[ADDRESS_SIZE])
{
    struct address a;
    memcpy(a.bytes, bytes, ADDRESS_SIZE);
    return a;
}

enum err address_parse(struct span text, struct address *out)
{
    char copy[ADDRESS_TEXT_MAX];
    unsigned char v4[ADDRESS_V4_SIZE];
    if (span_copy(text, copy, sizeof(copy)) != ERR_OK) {
        return ERR_INVALID;
    }
    if (inet_pton(AF_INET, copy, v4) == 1) {
        *out = address_v4(v4);
        return ERR_OK;
    }
    return inet_pton(AF_INET6, copy, out->bytes) == 1 ? ERR_OK : ERR_INVALID;
}

static unsigned char byte_mask(unsigned prefix_bits, size_t index)
{
    const size_t start = index * 8;
    if (prefix_bits >= start + 8) {
        return 0xff;
    }
    if (prefix_bits <= start) {
        return 0;
    }
    return (unsigned char)(0xffU << (start + 8 - prefix_bits));
}

bool cidr_contains(const struct cidr *range, const struct address *a)
{
    for (size_t i = 0; i < ADDRESS_SIZE; i++) {
        const unsigned char mask = byte_mask(range->prefix_bits, i);
        if ((a->bytes[i] & mask) != (range->base.bytes[i] & mask)) {
            return false;
        }
    }
    return true;
}

static bool cidr_has_host_bits(const struct cidr *range)
{
    for (size_t i = 0; i < ADDRESS_SIZE; i++) {
        if ((range->base.bytes[i] & ~byte_mask(range->prefix_bits, i)) != 0) {
            return true;
        }
    }
    return false;
}

static enum err cidr_parse(struct span text, struct cidr *out)
{
    struct span head, rest;
    uint64_t bits = ADDRESS_BITS;
    const bool has_prefix = span_cut(text, '/', &head, &rest);
    TRY(address_parse(head, &out->base));
    /* Written with dots it is IPv4, and the prefix counts its 32 bits. */
    const bool v4 =
        cidr_contains(&V4_MAPPED, &out->base) && memchr(head.ptr, ':', head.len) == NULL;
    if (has_prefix) {
        TRY(span_to_u64(rest, &bits));
        if (bits > ADDRESS_BITS || (v4 && bits > ADDRESS_BITS - V4_PREFIX_BITS)) {
            return ERR_INVALID;
        }
        bits += v4 ? V4_PREFIX_BITS : 0;
    }
    out->prefix_bits = (unsigned)bits;
    return cidr_has_host_bits(out) ? ERR_INVALID : ERR_OK;
}

enum err cidr_list_parse(struct span text, struct cidr_list *out)
{
    out->count = 0;
    bool more = span_trim(text).len > 0;
    while (more) {
        struct span item;
        more = span_cut(text, ',', &item, &text);
        if (out->count == CIDR_LIST_MAX) {
            return ERR_FULL;
        }
        TRY(cidr_parse(span_trim(item), &out->items[out->count]));
        out->count++;
    }
    return ERR_OK;
}

/* The IPv4 address inside an address that wraps one; otherwise the address itself. */
static struct address unwrapped(const struct address *a)
{
    return cidr_contains(&NAT64, a) ? address_v4(a->bytes + ADDRESS_SIZE - ADDRESS_V4_SIZE) : *a;
}

static const char *find_special(const struct special *table, size_t count, const struct address *a)
{
    for (size_t i = 0; i < count; i++) {
        if (cidr_contains(&table[i].range, a)) {
            return table[i].why;
        }
    }
    return NULL;
}

#define FIND(table, a) find_special(table, sizeof(table) / sizeof((table)[0]), a)

const char *address_special(const struct address *raw)
{
    const struct address a = unwrapped(raw);
    if (cidr_contains(&V4_MAPPED, &a)) {
        return FIND(V4_SPECIAL, &a);
    }
    if (cidr_contains(&GLOBAL_UNICAST, &a)) {
        return FIND(V6_SPECIAL, &a);
    }
    const char *why = FIND(V6_OUTSIDE, &a);
    return why != NULL ? why : "not global unicast";
}

bool address_allowed(const struct address *raw, const struct cidr_list *allow)
{
    if (address_special(raw) == NULL) {
        return true;
    }
    const struct address a = unwrapped(raw);
    for (size_t i = 0; i < allow->count; i++) {
        if (cidr_contains(&allow->items[i], &a)) {
            return true;
        }
    }
    return false;
}
