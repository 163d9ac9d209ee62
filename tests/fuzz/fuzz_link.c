// links: base core
/* A link of a stranger: never genuine, and never anything but an answer. */
#include "core/link.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span secrets[] = {SPAN("a secret of nobody else"), SPAN("another such secret")};
    struct link_signer *s = NULL;
    if (link_signer_new(secrets, 2, &s) != ERR_OK) {
        return 0;
    }
    struct span path, query;
    struct link_parsed p;
    span_cut((struct span){(const char *)data, size}, '?', &path, &query);
    const enum err e = link_verify(s, path, query, 0, &p);
    assert(e == ERR_NOT_FOUND || e == ERR_DENIED);
    link_signer_destroy(&s);
    return 0;
}
