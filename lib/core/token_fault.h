/* Token fault: why a caller's token (or ticket) was not accepted.
 *
 * Each has a text for the client, which says what kind of fault it is and nothing about keys or
 * what would have been right, and a word for metrics. */
#ifndef LONGHAUL_CORE_TOKEN_FAULT_H
#define LONGHAUL_CORE_TOKEN_FAULT_H

#include "base/span.h"

enum token_fault {
    TOKEN_OK,
    TOKEN_MISSING,
    TOKEN_AMBIGUOUS, /* it was sent more than once */
    TOKEN_SCHEME,    /* Authorization has another scheme than Bearer */
    TOKEN_MALFORMED, /* not a compact JWS, or over TOKEN_BYTES_MAX */
    TOKEN_ALGORITHM, /* not one of those pinned, or one that its key is not for */
    TOKEN_KEY,       /* no key of that name */
    TOKEN_SIGNATURE,
    TOKEN_CLAIMS, /* not a JSON object, or a member of the wrong type */
    TOKEN_EXPIRED,
    TOKEN_EARLY,
    TOKEN_ISSUER,
    TOKEN_AUDIENCE,
    TOKEN_SUBJECT,
    TOKEN_TICKET, /* unknown, used or expired */
    TOKEN_FAULT_COUNT
};

struct span token_fault_detail(enum token_fault f); /* a sentence; constant */
const char *token_fault_word(enum token_fault f);   /* "expired"; constant */

#endif
