/* Ticket: stands for a token in the URL of an event stream, once and for TICKET_TTL_S.
 *
 * A ticket is 32 random bytes as 64 hex digits. Only its SHA-256 is stored, with who it is for:
 * "u" or "a" (acts for every user), then the user. */
#ifndef LONGHAUL_CORE_TICKET_H
#define LONGHAUL_CORE_TICKET_H

#include "base/err.h"
#include "base/span.h"
#include "core/claims.h"

#include <stdbool.h>

enum {
    TICKET_TTL_S = 30,
    TICKET_BYTES = 32,
    TICKET_LEN = 2 * TICKET_BYTES,
    TICKET_HASH_SIZE = 2 * 32 + 1, /* hex and a NUL */
    TICKET_VALUE_MAX = 1 + CLAIMS_USER_MAX,
};

bool ticket_valid(struct span ticket); /* its form only */
MUST_CHECK enum err ticket_hash(struct span ticket, char out[TICKET_HASH_SIZE]);

/* Writes at most TICKET_VALUE_MAX bytes. `user` is 1-CLAIMS_USER_MAX bytes. */
struct span ticket_value_write(struct span user, bool admin, char out[TICKET_VALUE_MAX]);
/* ERR_INVALID: not what ticket_value_write writes. *user points into `value`. */
MUST_CHECK enum err ticket_value_read(struct span value, struct span *user, bool *admin);

#endif
