#include "core/token_fault.h"

#include <assert.h>

struct fault_text {
    const char *word, *detail;
};

static const struct fault_text TEXTS[TOKEN_FAULT_COUNT] = {
    [TOKEN_OK] = {"ok", "The token is valid."},
    [TOKEN_MISSING] = {"missing", "Send a token as `Authorization: Bearer …`."},
    [TOKEN_AMBIGUOUS] = {"ambiguous", "Send one token, once."},
    [TOKEN_SCHEME] = {"scheme",
                      "The scheme must be Bearer: send a token as `Authorization: Bearer …`."},
    [TOKEN_MALFORMED] = {"malformed", "The token is not a JSON Web Token of at most 8192 bytes."},
    [TOKEN_ALGORITHM] = {"algorithm", "The token is signed in a way that is not accepted here."},
    [TOKEN_KEY] = {"key", "The token names a key that is not known here."},
    [TOKEN_SIGNATURE] = {"signature", "The token's signature is not valid."},
    [TOKEN_CLAIMS] = {"claims", "The token's claims are missing or of the wrong type."},
    [TOKEN_EXPIRED] = {"expired", "The token has expired."},
    [TOKEN_EARLY] = {"early", "The token is not valid yet."},
    [TOKEN_ISSUER] = {"issuer", "The token was not issued by an issuer that is accepted here."},
    [TOKEN_AUDIENCE] = {"audience", "The token is not meant for this service."},
    [TOKEN_SUBJECT] = {"subject",
                       "The token's `sub` must be 1 to 128 bytes without control characters."},
    [TOKEN_TICKET] = {"ticket", "The ticket is not known, was used, or has expired."},
};

struct span token_fault_detail(enum token_fault f)
{
    assert(f < TOKEN_FAULT_COUNT);
    return span_of(TEXTS[f].detail);
}

const char *token_fault_word(enum token_fault f)
{
    assert(f < TOKEN_FAULT_COUNT);
    return TEXTS[f].word;
}
