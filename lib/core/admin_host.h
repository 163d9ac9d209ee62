/* Admin host: by which names an operator's pages may be asked for, and from which pages changed.
 *
 * A web page of a stranger can make its own name resolve to the operator's own machine ("DNS
 * rebinding") and would then be of the same origin as the admin listener. Such a request bears the
 * stranger's name in Host. So the host must be an IP address, localhost, or a name that the
 * operator listed. */
#ifndef LONGHAUL_CORE_ADMIN_HOST_H
#define LONGHAUL_CORE_ADMIN_HOST_H

#include "base/span.h"

#include <stdbool.h>

/* `authority` as in Host: "127.0.0.1:9090", "[::1]:9090", "admin.example". `listed`: names joined
 * by ',', without ports; NULL: none. */
bool admin_host_allowed(struct span authority, const char *listed);

/* Is `origin` (of the header) the page's own: http or https at this very authority? */
bool admin_origin_same(struct span origin, struct span authority);

#endif
