/* Address: which network addresses a source may have.
 *
 * An id comes from strangers and a catalogue may be wrong or old, so a worker connects only to
 * addresses of the public internet, unless an operator lists others. The check is made on the very
 * address that is about to be connected to, so a name that resolves differently a second time
 * gains nothing.
 *
 * Every address is kept as 16 bytes; IPv4 is written as IPv4-mapped IPv6 (RFC 4291 §2.5.5.2). An
 * address that merely wraps an IPv4 address (mapped, or through NAT64, RFC 6052) is judged by the
 * address inside. Sources of the ranges: the IANA special-purpose registries (RFC 6890). */
#ifndef LONGHAUL_CORE_ADDRESS_H
#define LONGHAUL_CORE_ADDRESS_H

#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    ADDRESS_SIZE = 16,     /* bytes */
    ADDRESS_V4_SIZE = 4,   /* bytes */
    ADDRESS_TEXT_MAX = 64, /* bytes of one address or CIDR as text */
    CIDR_LIST_MAX = 64,    /* ranges an operator may list */
};

struct address {
    unsigned char bytes[ADDRESS_SIZE];
};

struct cidr {
    struct address base;
    unsigned prefix_bits; /* 0 … 128, counted in the 16 bytes */
};

struct cidr_list {
    struct cidr items[CIDR_LIST_MAX];
    size_t count;
};

struct address address_v4(const unsigned char bytes[ADDRESS_V4_SIZE]);
struct address address_v6(const unsigned char bytes[ADDRESS_SIZE]);
MUST_CHECK enum err address_parse(struct span text, struct address *out);

/* "10.0.0.0/8,fd00::/8,192.0.2.1": empty text is an empty list; an address without a prefix is
 * itself alone. ERR_INVALID also for bits behind the prefix: "10.1.2.3/8" is more likely a slip
 * than a wish. ERR_FULL beyond CIDR_LIST_MAX. */
MUST_CHECK enum err cidr_list_parse(struct span text, struct cidr_list *out);
bool cidr_contains(const struct cidr *range, const struct address *a);

/* Why an address is not public: "loopback", "private" …; NULL for a public one. Constant text. */
const char *address_special(const struct address *a);
/* True if it is public or in the list. */
bool address_allowed(const struct address *a, const struct cidr_list *allow);

#endif
