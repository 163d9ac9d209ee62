/* Digest: SHA-256 of bytes as they pass. The context is made with the first byte: an empty input
 * costs nothing. */
#ifndef LONGHAUL_CORE_DIGEST_H
#define LONGHAUL_CORE_DIGEST_H

#include "base/err.h"
#include "base/span.h"
#include "core/job.h"

struct digest {
    void *state; /* owned; NULL before the first byte */
};

void digest_init(struct digest *d);
void digest_clear(struct digest *d);
MUST_CHECK enum err digest_add(struct digest *d, struct span bytes); /* ERR_NOMEM */
MUST_CHECK enum err digest_end(struct digest *d, unsigned char out[SHA256_SIZE]);

#endif
