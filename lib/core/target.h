/* Target: the address in a request's first line, cut into path and query (RFC 9112 §3.2).
 *
 * Two forms are read: "/path?query", and the absolute one ("http://host/path?query"), of which
 * every server must take the path (§3.2.2). Nothing is decoded and nothing is normalised: "//",
 * "/../" and "%2F" stay what they are, so that no two spellings name one resource. */
#ifndef LONGHAUL_CORE_TARGET_H
#define LONGHAUL_CORE_TARGET_H

#include "base/err.h"
#include "base/span.h"

#include <stddef.h>

struct target {
    struct span path;  /* begins with '/' after ERR_OK */
    struct span query; /* without '?'; empty if there is none */
};

/* ERR_INVALID: another form ("*", "host:port"), a byte that no URI has (RFC 3986: not visible
 * ASCII, or one of # " < > \ ^ ` { | }), or '%' without two hex digits. *out then has what stands
 * before the fault. */
MUST_CHECK enum err target_parse(struct span text, struct target *out);

#endif
