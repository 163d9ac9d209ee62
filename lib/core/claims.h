/* Claims: whether a token whose signature is valid may be used here and now, and by whom
 * (RFC 7519 §4.1). The library that checks signatures does not look at them.
 *
 *     exp   required; over at `exp` plus the leeway
 *     nbf   optional; valid from `nbf` less the leeway
 *     iss   the configured issuer, where one is configured
 *     aud   text or list of texts; the configured audience is among them. A token for an audience
 * is refused where none is configured (§4.1.3) sub   required: the user, 1-128 bytes of plain text
 * (core/plain_text.h) scope, scp   text with spaces, or a list of texts; downloads:admin acts for
 * every user
 *
 * Times are numbers of seconds, fractions are cut off. A member twice, or of another type, makes
 * the whole invalid. */
#ifndef LONGHAUL_CORE_CLAIMS_H
#define LONGHAUL_CORE_CLAIMS_H

#include "base/span.h"
#include "core/token_fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CLAIMS_USER_MAX = 128 /* bytes; as userId in a body */ };
#define CLAIMS_ADMIN_SCOPE "downloads:admin"

struct claims_policy {
    struct span issuer, audience; /* empty: none is configured */
    int64_t leeway_s;
};

struct claims {
    char user[CLAIMS_USER_MAX];
    size_t user_len;
    int64_t until_s; /* the token counts before it: `exp` plus the leeway */
    bool admin;
};

/* `json` is the token's payload. *out is written for TOKEN_OK only. */
enum token_fault claims_check(struct span json, const struct claims_policy *policy, int64_t now_s,
                              struct claims *out);

#endif
