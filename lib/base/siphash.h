/* SipHash-1-3: a keyed hash for tables whose keys strangers choose (Aumasson and Bernstein, 2012).
 * Not for signatures. */
#ifndef LONGHAUL_BASE_SIPHASH_H
#define LONGHAUL_BASE_SIPHASH_H

#include "base/span.h"

#include <stdint.h>

struct siphash_key {
    uint64_t k0, k1; /* secret, random */
};

uint64_t siphash(const struct siphash_key *key, struct span data);

#endif
