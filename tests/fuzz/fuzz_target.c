// links: base core
/* Any bytes as a request's target: path and query lie in them, and have only bytes of URIs. */
#include "core/target.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_bytes(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        assert(s.ptr[i] > 0x20 && s.ptr[i] < 0x7F && s.ptr[i] != '"' && s.ptr[i] != '\\');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const struct span text = {(const char *)data, len};
    struct target t;
    const enum err e = target_parse(text, &t);
    check_bytes(t.path);
    check_bytes(t.query);
    assert(e != ERR_OK || (t.path.len > 0 && t.path.ptr[0] == '/'));
    assert(t.path.len + t.query.len <= len + 1);
    return 0;
}
