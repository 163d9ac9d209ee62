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

void ticket_value_write(const struct ticket_value *v, struct buf *out)
{
    assert(v->user.len > 0 && v->user.len <= CLAIMS_USER_MAX);
    buf_reset(out);
    (void)buf_char(out, v->admin ? 'A' : 'U');
    (void)buf_i64(out, v->until_s);
    (void)buf_char(out, ':');
    (void)buf_append(out, v->user.ptr, v->user.len);
}

enum err ticket_value_read(struct span value, struct ticket_value *out)
{
    struct span until;
    if (value.len == 0 || value.len > TICKET_VALUE_MAX ||
        (value.ptr[0] != 'A' && value.ptr[0] != 'U')) {
        return ERR_INVALID;
    }
    out->admin = value.ptr[0] == 'A';
    const struct span rest = {value.ptr + 1, value.len - 1};
    if (!span_cut(rest, ':', &until, &out->user) || out->user.len == 0 ||
        out->user.len > CLAIMS_USER_MAX || span_to_i64(until, &out->until_s) != ERR_OK) {
        return ERR_INVALID;
    }
    return ERR_OK;
}
