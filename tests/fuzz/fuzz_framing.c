// links: base core gateway
/* Any bytes as a request's head: no read outside of them, and no answer that depends on the body.
 */
#include "gateway/framing.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const struct span head = {(const char *)data, len};
    (void)framing_is_plain(head, true);
    (void)framing_is_plain(head, false);
    return 0;
}
