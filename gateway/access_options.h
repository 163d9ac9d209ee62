/* Access options: who may call this gateway, from which pages and how often.
 *
 * The texts are options of the program (gateway/options.c); the rest is derived from them once, by
 * access_options_check, and is read-only then. */
#ifndef LONGHAUL_GATEWAY_ACCESS_OPTIONS_H
#define LONGHAUL_GATEWAY_ACCESS_OPTIONS_H

#include "base/buf.h"
#include "base/err.h"
#include "core/address.h"
#include "core/origin.h"
#include "core/token_bucket.h"
#include "gateway/jwt_keys.h"

#include <stdbool.h>
#include <stdint.h>

/* What is counted apart from each other. */
enum rate_scope {
    RATE_ADDRESS,
    RATE_USER,
    RATE_TICKETS, /* a user's tickets: what one caller can make Redis hold */
    RATE_SCOPES
};

struct access_options {
    const char *auth, *jwks_file, *secret_file, *algorithms, *issuer, *audience, *cookie;
    const char *origins_text, *rate_user, *rate_address, *proxies_text;
    int64_t leeway_s;

    /* derived; they point into the texts */
    bool jwt; /* else auth=none */
    const char *keys_file;
    struct jwt_policy policy;
    struct span cookie_name; /* empty: none */
    struct origin_list origins;
    struct cidr_list proxies;
    struct rate rates[RATE_SCOPES]; /* tokens 0: no limit */
};

/* ERR_INVALID, ERR_IO, ERR_NOMEM: `message` says which option is wrong and why. */
MUST_CHECK enum err access_options_check(struct access_options *o, struct buf *message);

#endif
