/* Record reads: an exchange asks for its job's record and goes on when it is there. */
#ifndef LONGHAUL_GATEWAY_RECORD_READS_H
#define LONGHAUL_GATEWAY_RECORD_READS_H

#include "core/record.h"
#include "gateway/exchange.h"

/* `record` is never NULL and lives during the call. */
typedef void record_handler(struct exchange *x, const struct job_record *record);

/* Reads the job x->param. An error is answered here (404, also for a job of somebody else; 503); a
 * request that is over by then is forgotten. */
void record_read_for(struct exchange *x, record_handler *then);

#endif
