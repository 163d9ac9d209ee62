/* Client address: whose requests are counted together.
 *
 * It is the peer of the connection. If the peer is one of the operator's own proxies, what they
 * wrote into X-Forwarded-For counts: each proxy appends who it spoke with, so the list is read from
 * its right end while the entries are trusted proxies themselves, and the first that is not one is
 * the client. What stands further left was written by that client and is never looked at. If an
 * entry that has to be read is not an address, the peer counts: then the proxy's clients share.
 *
 * Of an IPv6 client the first 64 bits count: that is what one subscriber gets at least
 * (RFC 6177). */
#ifndef LONGHAUL_CORE_CLIENT_ADDRESS_H
#define LONGHAUL_CORE_CLIENT_ADDRESS_H

#include "core/address.h"

enum { FORWARDED_HOPS_MAX = 32 /* proxies in a row that are believed */ };

/* `forwarded`: all values of X-Forwarded-For in their order, joined by commas; may be empty. */
struct address client_address(const struct address *peer, struct span forwarded,
                              const struct cidr_list *trusted);
/* With the bits that do not count cleared. */
struct address client_address_group(const struct address *a);

#endif
