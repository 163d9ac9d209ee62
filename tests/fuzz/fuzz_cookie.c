// links: base core
/* The headers that may hold a token: what is found lies inside of them. */
#include "core/bearer.h"
#include "core/cookie.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

static void check_inside(struct span all, struct span part)
{
    assert(part.len == 0 || (part.ptr >= all.ptr && part.ptr + part.len <= all.ptr + all.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const struct span text = {(const char *)data, len};
    struct span found;
    if (cookie_find(text, SPAN("t"), &found) == ERR_OK) {
        check_inside(text, found);
        assert(found.len == 0 || memchr(found.ptr, ';', found.len) == NULL);
    }
    if (bearer_find(text, &found)) {
        check_inside(text, found);
    }
    (void)token_shape_valid(text);
    return 0;
}
