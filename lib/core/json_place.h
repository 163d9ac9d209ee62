/* JSON place: which member of a JSON text an offset lies in, as a JSON pointer (RFC 6901).
 *
 * A JSON parser that gives up says at which byte; people want to know in which member. */
#ifndef LONGHAUL_CORE_JSON_PLACE_H
#define LONGHAUL_CORE_JSON_PLACE_H

#include "base/buf.h"
#include "base/span.h"

#include <stddef.h>

enum { JSON_PLACE_DEPTH_MAX = 16 }; /* deeper places are named by their ancestor at this depth */

/* Appends the pointer of the innermost member that begins before `offset`. The text need not be
 * valid JSON; escapes in names are undone. When `out` has no room for it all, or a name is not
 * valid (a lone surrogate, NUL), an ancestor is named instead. */
void json_place(struct span text, size_t offset, struct buf *out);
/* Appends "/" and the token, with '~' and '/' escaped. The error sticks in `out`. */
void json_pointer_add(struct buf *out, struct span token);

#endif
