/* Status reply: the status object as the whole answer to status and cancel. */
#ifndef LONGHAUL_GATEWAY_STATUS_REPLY_H
#define LONGHAUL_GATEWAY_STATUS_REPLY_H

#include "core/record.h"
#include "gateway/exchange.h"

void status_reply(struct exchange *x, int status, const struct job_record *record);

#endif
