/* Admin handlers: the operator's API, one function for each route of admin.c. Each answers the
 * exchange once, now or later. */
#ifndef LONGHAUL_GATEWAY_ADMIN_HANDLERS_H
#define LONGHAUL_GATEWAY_ADMIN_HANDLERS_H

#include "gateway/exchange.h"

void admin_overview(struct exchange *x);
void admin_workers(struct exchange *x);
void admin_drain(struct exchange *x); /* x->param: the worker's id */
void admin_job(struct exchange *x);
void admin_jobs_retry(struct exchange *x);
void admin_jobs_cancel(struct exchange *x);

#endif
