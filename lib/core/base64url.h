/* Base64url without padding (RFC 4648 §5): the shape of its texts. Decoding is the library's
 * (cjose), which ends the process on some texts that have none. */
#ifndef LONGHAUL_CORE_BASE64URL_H
#define LONGHAUL_CORE_BASE64URL_H

#include "base/span.h"

#include <stdbool.h>

/* The one text of some bytes, or the empty one. Bytes have one text only: what the last digit says
 * beyond the last byte is 0 (RFC 4648 §3.5). A decoder drops those bits, so that one signature
 * would have up to sixteen texts. */
bool base64url_valid(struct span text);

#endif
