// links: base core
/* X-Forwarded-For: believed from a trusted peer only, and never past the first stranger. */
#include "core/client_address.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

static bool same(const struct address *a, const struct address *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const struct span text = {(const char *)data, len};
    struct cidr_list trusted;
    struct address proxy, stranger;
    const enum err parsed = cidr_list_parse(SPAN("10.0.0.0/8"), &trusted);
    assert(parsed == ERR_OK);
    proxy = address_v4((const unsigned char[]){10, 0, 0, 1});
    stranger = address_v4((const unsigned char[]){192, 0, 2, 1});

    const struct address of_stranger = client_address(&stranger, text, &trusted);
    assert(same(&of_stranger, &stranger));

    /* Whatever a client writes, what its proxy appends decides. */
    static char appended[1 << 16];
    if (len > 0 && len + 16 < sizeof appended) {
        memcpy(appended, data, len);
        memcpy(appended + len, ",192.0.2.1", 10);
        const struct address got =
            client_address(&proxy, (struct span){appended, len + 10}, &trusted);
        assert(same(&got, &stranger));
    }
    (void)client_address(&proxy, text, &trusted);
    return 0;
}
