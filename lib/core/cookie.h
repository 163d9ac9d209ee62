/* Cookie: one named value of the header Cookie (RFC 6265 §4.2.1, read as §5.4 writes it). */
#ifndef LONGHAUL_CORE_COOKIE_H
#define LONGHAUL_CORE_COOKIE_H

#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>

enum { COOKIE_NAME_MAX = 128 };

bool cookie_name_valid(struct span name); /* a token of RFC 9110 §5.6.2, 1-128 bytes */
/* Names are compared exactly. ERR_NOT_FOUND; ERR_EXISTS if it stands there twice: a page of a
 * sibling host can add a second one, and which is meant cannot be told. */
MUST_CHECK enum err cookie_find(struct span header, struct span name, struct span *value);

#endif
