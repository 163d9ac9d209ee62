/* JSON text: cuts any bytes into pieces that are fit to stand between the quotes of a JSON string
 * (RFC 8259 §7). Invalid UTF-8 (RFC 3629) becomes U+FFFD, one for each byte that fits nowhere. */
#ifndef LONGHAUL_BASE_JSON_TEXT_H
#define LONGHAUL_BASE_JSON_TEXT_H

#include "base/span.h"

enum { JSON_ESCAPE_SIZE = 8 };

/* Takes the next piece off the front of `rest`, which is not empty. The piece is either a run of
 * bytes as they were, or one escape, and then lies in `scratch`. */
struct span json_text_next(struct span *rest, char scratch[JSON_ESCAPE_SIZE]);

/* Bytes of the valid UTF-8 sequence at the start of `s`: 1 to 4, 0 if there is none. */
size_t utf8_sequence_len(struct span s);

#endif
