/* Handlers: one for each route, in handle_*.c. Each answers the exchange once, now or later. */
#ifndef LONGHAUL_GATEWAY_HANDLERS_H
#define LONGHAUL_GATEWAY_HANDLERS_H

#include "gateway/exchange.h"

void handle_initiate(struct exchange *x);
void handle_status(struct exchange *x);
void handle_subscribe(struct exchange *x);
void handle_result(struct exchange *x);
void handle_cancel(struct exchange *x);
void handle_retry(struct exchange *x);
void handle_remove(struct exchange *x);
void handle_tickets(struct exchange *x);
void handle_files(struct exchange *x);

#endif
