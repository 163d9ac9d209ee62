/* Admin: health, metrics, and the operator's page with its API, on a listener of their own, served
 * by the first loop.
 *
 * /livez, /healthz: the loop runs. /readyz: Redis is up, a broker is ready, not draining; else 503
 * with what is missing. /metrics: Prometheus' text format. /admin, /admin/api/...: docs/admin.md;
 * handlers in admin_*.c. */
#ifndef LONGHAUL_GATEWAY_ADMIN_H
#define LONGHAUL_GATEWAY_ADMIN_H

#include "gateway/h2o_loop.h"

int admin_on_request(h2o_handler_t *self, h2o_req_t *req);

#endif
