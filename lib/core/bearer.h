/* Bearer: the token in the header Authorization (RFC 6750 §2.1). */
#ifndef LONGHAUL_CORE_BEARER_H
#define LONGHAUL_CORE_BEARER_H

#include "base/span.h"

#include <stdbool.h>

enum { TOKEN_BYTES_MAX = 8192 };

/* The credentials behind "Bearer " (the scheme in any case); false for another scheme. What they
 * are worth is not looked at. */
bool bearer_find(struct span authorization, struct span *token);
/* Three parts of base64url, each in its one form, with dots between them, the first two not empty
 * (RFC 7515 §7.1), at most TOKEN_BYTES_MAX: what is worth to be given to a parser. */
bool token_shape_valid(struct span token);

#endif
