/* Framing: can we vouch for where this request ends, and does its head keep to the rules?
 *
 * libh2o's parser takes the first of several Content-Length lines, lets Transfer-Encoding win over
 * it, and accepts HTTP/1.1 without Host; another parser in front may see other requests in the same
 * bytes (RFC 9112 §11.2, request smuggling). The library hides these headers from handlers, so the
 * head is looked at again where it still stands: at the front of the connection's input.
 *
 * What libh2o refuses itself (control bytes, no colon, more than 100 header lines) never gets here.
 * Pure: no I/O, any thread. */
#ifndef LONGHAUL_GATEWAY_FRAMING_H
#define LONGHAUL_GATEWAY_FRAMING_H

#include "base/span.h"

#include <stdbool.h>

enum {
    FRAMING_TARGET_MAX = 8192,  /* bytes of path and query: 200 job ids in a query take 7,000 */
    FRAMING_FIELDS_MAX = 32768, /* bytes of all header lines: four times what browsers send */
};

enum framing_fault {
    FRAMING_OK = 0,
    FRAMING_LINE_END,     /* a line ends in a bare LF (RFC 9112 §2.2) */
    FRAMING_METHOD,       /* no token (RFC 9110 §9.1) */
    FRAMING_TARGET_LONG,  /* over FRAMING_TARGET_MAX */
    FRAMING_FIELDS_LARGE, /* over FRAMING_FIELDS_MAX */
    FRAMING_FIELD,        /* folded, no name, or space before the colon (RFC 9112 §5) */
    FRAMING_HOST,         /* not one, or not a host (RFC 9112 §3.2) */
    FRAMING_LENGTH,       /* Content-Length is not one decimal number */
    FRAMING_ENCODING,     /* Transfer-Encoding is not "chunked" once, or HTTP/1.0 has one */
    FRAMING_TWO_ENDS,     /* both of them (RFC 9112 §6.3) */
    FRAMING_REPEATED,     /* a header that has one value stands twice (RFC 9110 §5.3) */
    FRAMING_REPEATED_KEY, /* Idempotency-Key does */
    FRAMING_FAULT_COUNT
};

struct framing {
    enum framing_fault fault; /* of several, the first of the list above */
    struct span repeated;     /* FRAMING_REPEATED: the header's name, constant */
    /* No other request may be read from this connection: the end is in doubt, it is in chunks (of
     * which libh2o takes forms that others do not), or the client wants it. */
    bool close;
};

/* `head`: from the request line on; what follows the empty line is not looked at. */
struct framing framing_check(struct span head, bool http_1_1);

#endif
