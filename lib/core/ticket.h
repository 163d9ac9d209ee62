/* Ticket: stands for a token in the URL of an event stream, once and for TICKET_TTL_S.
 *
 * A ticket is 32 random bytes as 64 hex digits. Only its SHA-256 is stored, with what the token
 * said: "U" or "A" (acts for every user), until when it counts (seconds), ":", the user. */
#ifndef LONGHAUL_CORE_TICKET_H
#define LONGHAUL_CORE_TICKET_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "core/claims.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    TICKET_TTL_S = 30,
    TICKET_BYTES = 32,
    TICKET_LEN = 2 * TICKET_BYTES,
    TICKET_HASH_SIZE = 2 * 32 + 1,                   /* hex and a NUL */
    TICKET_VALUE_MAX = 1 + 20 + 1 + CLAIMS_USER_MAX, /* 20: digits of an int64_t, and its sign */
};

struct ticket_value {
    struct span user; /* 1-CLAIMS_USER_MAX bytes */
    int64_t until_s;  /* the token behind the ticket counts before it */
    bool admin;
};

bool ticket_valid(struct span ticket); /* its form only */
MUST_CHECK enum err ticket_hash(struct span ticket, char out[TICKET_HASH_SIZE]);

/* Into `out`, which is cleared first and takes TICKET_VALUE_MAX bytes; errors stick in it. */
void ticket_value_write(const struct ticket_value *v, struct buf *out);
/* ERR_INVALID: not what ticket_value_write writes. out->user points into `value`. */
MUST_CHECK enum err ticket_value_read(struct span value, struct ticket_value *out);

#endif
