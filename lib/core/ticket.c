#include "core/ticket.h"

#include "base/ids.h"
#include "core/job.h"

#include <assert.h>
#include <openssl/sha.h>
#include <string.h>

bool ticket_valid(struct span ticket)
{
    for (size_t i = 0; i < ticket.len; i++) {
        const char c = ticket.ptr[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
            return false;
        }
    }
    return ticket.len == TICKET_LEN;
}

enum err ticket_hash(struct span ticket, char out[TICKET_HASH_SIZE])
{
    unsigned char digest[SHA256_SIZE];
    if (SHA256((const unsigned char *)ticket.ptr, ticket.len, digest) == NULL) {
        return ERR_NOMEM;
    }
    hex_encode(digest, sizeof digest, out);
    return ERR_OK;
}

struct span ticket_value_write(struct span user, bool admin, char out[TICKET_VALUE_MAX])
{
    assert(user.len > 0 && user.len <= CLAIMS_USER_MAX);
    out[0] = admin ? 'a' : 'u';
    memcpy(out + 1, user.ptr, user.len);
    return (struct span){out, user.len + 1};
}

enum err ticket_value_read(struct span value, struct span *user, bool *admin)
{
    if (value.len < 2 || value.len > TICKET_VALUE_MAX ||
        (value.ptr[0] != 'a' && value.ptr[0] != 'u')) {
        return ERR_INVALID;
    }
    *admin = value.ptr[0] == 'a';
    *user = (struct span){value.ptr + 1, value.len - 1};
    return ERR_OK;
}
