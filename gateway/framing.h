/* Framing: can we vouch for where this request ends?
 *
 * libh2o's parser takes the first of several Content-Length lines, lets Transfer-Encoding win over
 * it, and accepts HTTP/1.1 without Host; another parser in front may see other requests in the same
 * bytes (RFC 9112 §11.2, request smuggling). The library hides these headers from handlers, so the
 * head is looked at again where it still stands: at the front of the connection's input. */
#ifndef LONGHAUL_GATEWAY_FRAMING_H
#define LONGHAUL_GATEWAY_FRAMING_H

#include "base/span.h"

#include <stdbool.h>

/* `head`: from the request line on; what follows the empty line is not looked at. False: answer 400
 * and close the connection (RFC 9112 §6.3). */
bool framing_is_plain(struct span head, bool http_1_1);

#endif
