/* Handlers: one for each route, in handle_*.c. Each answers the exchange once, now or later. */
#ifndef LONGHAUL_GATEWAY_HANDLERS_H
#define LONGHAUL_GATEWAY_HANDLERS_H

#include "gateway/assets.h"
#include "gateway/exchange.h"

#include <stdbool.h>

void handle_initiate(struct exchange *x);
void handle_status(struct exchange *x);
void handle_subscribe(struct exchange *x);
void handle_subscribe_many(struct exchange *x);
void handle_jobs(struct exchange *x);
void handle_history(struct exchange *x);
void handle_result(struct exchange *x);
void handle_cancel(struct exchange *x);
void handle_retry(struct exchange *x);
void handle_remove(struct exchange *x);
void handle_tickets(struct exchange *x);
void handle_files(struct exchange *x);

/* A web page or a part of one. False: there is none at this path, nothing was answered. */
bool handle_asset(struct exchange *x, enum asset_site site);

#endif
