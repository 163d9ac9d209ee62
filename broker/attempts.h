/* Attempts: the running attempts that this broker keeps, by job id.
 *
 * One entry a job, that of the newest fence seen. An entry that is wrong does no harm: every write
 * to Redis is guarded by the fence, and a renewal tells what is stale. */
#ifndef LONGHAUL_BROKER_ATTEMPTS_H
#define LONGHAUL_BROKER_ATTEMPTS_H

#include "base/list.h"
#include "core/job.h"

#include <stddef.h>

enum { ATTEMPTS_MAX = 65536 }; /* about 16 MiB */

struct worker;
struct finish;

struct running {
    struct list by_worker; /* in worker->running */
    struct list renewal;   /* in the queue of renewals, or unlinked */
    struct list report;    /* in the queue of progresses, or unlinked */
    struct attempt attempt;
    struct worker *worker;
    struct finish *finish; /* its end is on the way to Redis; NULL: it runs */
    uint32_t failures;     /* charged before; 0 when it was adopted */
    bool counted;          /* in its seat's `assigned` since the worker's last Hello */
    int64_t began_ms;      /* assigned here then; 0: it was adopted */
    int64_t named_ms;      /* assigned then, or last named by its worker */
    int64_t renewed_ms;    /* 0: never, the lease is the short first one */
    struct meter meter;    /* newest report, while in `report` */
};

struct attempts;

MUST_CHECK enum err attempts_new(struct attempts **out);
void attempts_destroy(struct attempts **a);
size_t attempts_room(const struct attempts *a);
struct running *attempts_get(const struct attempts *a, struct span job_id); /* NULL: not kept */
/* Exactly this fence. */
struct running *attempts_match(const struct attempts *a, const struct attempt *attempt);
/* The job must not be kept yet. NULL: no room. */
struct running *attempts_add(struct attempts *a, const struct attempt *attempt,
                             struct worker *worker, int64_t now_ms);
void attempts_drop(struct attempts *a, struct running *r); /* out of every list */
/* Walks all; `cursor` starts at 0. The one returned may be dropped. */
struct running *attempts_next(const struct attempts *a, size_t *cursor);

#endif
