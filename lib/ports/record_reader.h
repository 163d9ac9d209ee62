/* Record reader: what the gateway reads of jobs. It never writes.
 *
 * A snapshot is the job's hash as Redis has it, decoded; spans in it live during the callback. */
#ifndef LONGHAUL_PORTS_RECORD_READER_H
#define LONGHAUL_PORTS_RECORD_READER_H

#include "base/err.h"
#include "base/span.h"
#include "core/record.h"
#include "ports/redis_conn.h"

/* `record` is NULL unless err is ERR_OK. ERR_NOT_FOUND: no such job. ERR_UNAVAILABLE: Redis is
 * away. ERR_INTERNAL: the hash is not what we write. */
typedef void reader_on_record(void *context, enum err err, const struct job_record *record);
/* HGETALL download:job:<id>. A queued job's place in the queue is asked for in a second step and
 * is in record->queue_position (-1: unknown). `done` runs exactly once unless an error returns. */
MUST_CHECK enum err reader_get(struct redis_conn *conn, struct span job_id, reader_on_record *done,
                               void *context);

#endif
