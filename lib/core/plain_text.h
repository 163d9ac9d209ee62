/* Plain text: valid UTF-8 (RFC 3629) without control characters. What names of users and files must
 * be before they reach logs, headers and other programs. */
#ifndef LONGHAUL_CORE_PLAIN_TEXT_H
#define LONGHAUL_CORE_PLAIN_TEXT_H

#include "base/span.h"

#include <stdbool.h>

/* False also for C1 controls (U+0080-U+009F). Empty text is plain. */
bool plain_text(struct span text);

#endif
