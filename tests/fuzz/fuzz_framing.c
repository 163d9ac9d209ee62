// links: base core gateway
/* Any bytes as a request's head: no read outside of them, no answer that depends on the body, and
 * no connection kept whose next request may begin elsewhere. */
#include "gateway/framing.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const struct span head = {(const char *)data, len};
    for (int http_1_1 = 0; http_1_1 <= 1; http_1_1++) {
        const struct framing f = framing_check(head, http_1_1 != 0);
        assert(f.fault < FRAMING_FAULT_COUNT);
        assert(f.close || f.fault == FRAMING_OK || f.fault >= FRAMING_REPEATED);
        assert((f.fault == FRAMING_REPEATED) <= (f.repeated.len > 0));
    }
    return 0;
}
