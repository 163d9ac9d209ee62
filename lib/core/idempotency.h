/* Idempotency: the key that makes a repeated POST harmless (contract §2).
 *
 * 1-255 visible ASCII characters (0x21-0x7E), bare or as a quoted string of RFC 8941 §3.3.3, in
 * which only \" and \\ are escapes. Both forms of a key are the same key. */
#ifndef LONGHAUL_CORE_IDEMPOTENCY_H
#define LONGHAUL_CORE_IDEMPOTENCY_H

#include "base/err.h"
#include "base/span.h"
#include "core/job.h"

#include <stddef.h>

enum { IDEMPOTENCY_KEY_MAX = 255 };

struct idempotency_key {
    char text[IDEMPOTENCY_KEY_MAX]; /* unquoted, no NUL */
    size_t len;
};

/* `value` is the header's value; spaces and tabs around it are ignored. ERR_INVALID. */
MUST_CHECK enum err idempotency_key_parse(struct span value, struct idempotency_key *out);
/* SHA-256 of the key: what travels and is stored, so that keys of clients are in no log. Whose key
 * it is travels beside it. */
MUST_CHECK enum err idempotency_hash(const struct idempotency_key *key,
                                     unsigned char out[SHA256_SIZE]);

#endif
