/* Snapshot: a job's record with storage of its own. */
#ifndef LONGHAUL_GATEWAY_SNAPSHOT_H
#define LONGHAUL_GATEWAY_SNAPSHOT_H

#include "base/err.h"
#include "core/record.h"

#include <stdbool.h>

struct snapshot {
    struct job_record record; /* spans point into `bytes` */
    char *bytes;              /* owned */
    bool known;               /* record is filled */
};

MUST_CHECK enum err snapshot_set(struct snapshot *s, const struct job_record *record);
void snapshot_clear(struct snapshot *s);

#endif
