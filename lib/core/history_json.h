/* History JSON: a record's log as the reply of GET /v1/download/:jobId/history (contract §2).
 *
 *     {"events":[{"version":2,"at":1767000000,"status":"running","stage":"fetching","attempt":1,
 *                 "workerId":"w1","errorCode":null}, …]}
 *
 * Oldest first; at most the newest 64 transitions are kept (JOB_LOG_MAX). Null where it is not
 * known: the stage in which an earlier attempt ended, the attempt before the first one, the worker
 * of an attempt whose begin has left the log. */
#ifndef LONGHAUL_CORE_HISTORY_JSON_H
#define LONGHAUL_CORE_HISTORY_JSON_H

#include "base/buf.h"
#include "core/record.h"

/* The error sticks in `out`. */
void history_json_render(const struct job_record *r, struct buf *out);

#endif
