#include "core/digest.h"

#include <openssl/evp.h>
#include <string.h>

/* FIPS 180-4: SHA-256 of no bytes. */
static const unsigned char EMPTY[SHA256_SIZE] = {
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
};

void digest_init(struct digest *d)
{
    d->state = NULL;
}

void digest_clear(struct digest *d)
{
    EVP_MD_CTX_free(d->state);
    d->state = NULL;
}

static enum err digest_begin(struct digest *d)
{
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    if (state == NULL || EVP_DigestInit_ex(state, EVP_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(state);
        return ERR_NOMEM;
    }
    d->state = state;
    return ERR_OK;
}

enum err digest_add(struct digest *d, struct span bytes)
{
    if (bytes.len == 0) {
        return ERR_OK;
    }
    if (d->state == NULL) {
        TRY(digest_begin(d));
    }
    return EVP_DigestUpdate(d->state, bytes.ptr, bytes.len) == 1 ? ERR_OK : ERR_NOMEM;
}

enum err digest_end(struct digest *d, unsigned char out[SHA256_SIZE])
{
    if (d->state == NULL) {
        memcpy(out, EMPTY, sizeof(EMPTY));
        return ERR_OK;
    }
    const int ok = EVP_DigestFinal_ex(d->state, out, NULL);
    digest_clear(d);
    return ok == 1 ? ERR_OK : ERR_NOMEM;
}
