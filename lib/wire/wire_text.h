/* Wire text: what the bytes of a peer's text may be. */
#ifndef LONGHAUL_WIRE_TEXT_H
#define LONGHAUL_WIRE_TEXT_H

#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

/* Well-formed UTF-8 (Unicode 15 table 3-7) without control characters (C0, DEL, C1). */
bool wire_text_valid(struct span s, size_t bytes_max);
/* The name of a worker or broker: visible ASCII without the ':' and ';' that separate a record's
 * log. Not empty. */
bool wire_name_valid(struct span s, size_t bytes_max);
/* A key within a store: path segments of [0-9A-Za-z._-] joined by '/', none of them "." or "..". */
bool wire_key_valid(struct span s, size_t bytes_max);
/* An error code: [0-9A-Z_]. Not empty. */
bool wire_code_valid(struct span s, size_t bytes_max);

#endif
