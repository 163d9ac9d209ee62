/* Job index: which jobs there are, as the gateway asks for them. It never writes.
 *
 * Ids come in arrays that live during the callback; a job may be gone by the time its record is
 * read. `done` runs exactly once unless an error returns, with ids NULL unless err is ERR_OK:
 * ERR_UNAVAILABLE (Redis is away, or has not our functions yet), ERR_INTERNAL (a reply that should
 * not be). All of one shard. */
#ifndef LONGHAUL_PORTS_JOB_INDEX_H
#define LONGHAUL_PORTS_JOB_INDEX_H

#include "base/err.h"
#include "base/span.h"
#include "ports/redis_conn.h"

#include <stddef.h>

enum {
    JOB_INDEX_IDS_MAX = 200, /* ids in an answer */
    /* A set of active jobs is read whole up to this size, for each page; those of a larger one
     * (only with such a quota, or none) are looked for among all of the user's jobs. */
    JOB_INDEX_LIVE_MAX = 1000,
};

/* `next`: where the next page begins; empty at the end. */
typedef void job_index_on_ids(void *context, enum err err, const struct span *ids, size_t count,
                              struct span next);

/* lh_list: newest first. `user_id` empty: everybody's; `statuses` empty: all, else names joined by
 * ','; `after` empty: from the newest. A page may be short of `limit`, or empty, before the end:
 * the step is bounded. */
struct job_index_page {
    unsigned shard;
    struct span user_id, statuses, after;
    size_t limit; /* 1 … JOB_INDEX_IDS_MAX */
};
MUST_CHECK enum err job_index_list(struct redis_conn *conn, const struct job_index_page *page,
                                   job_index_on_ids *done, void *context);

/* A user's jobs whose ids sort after `after`, oldest first. `next` is empty if these were all. */
MUST_CHECK enum err job_index_newer(struct redis_conn *conn, const struct job_index_page *page,
                                    job_index_on_ids *done, void *context);

/* A user's active jobs whose ids sort before `after` (empty: all), newest first, JOB_INDEX_IDS_MAX
 * at a time. Of `page` shard, user_id and after count. */
MUST_CHECK enum err job_index_live(struct redis_conn *conn, const struct job_index_page *page,
                                   job_index_on_ids *done, void *context);

#endif
