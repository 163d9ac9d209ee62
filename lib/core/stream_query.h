/* Stream query: what GET /v1/download/subscribe is asked for (contract §2, many jobs).
 *
 *     ?jobId=a&jobId=b…     or     ?userId=u1     with     &named=1&lastEventId=…
 *
 * 1-200 different job ids, or one user (none: the caller). Strict, and skips what it does not know,
 * as core/job_list.h does. */
#ifndef LONGHAUL_CORE_STREAM_QUERY_H
#define LONGHAUL_CORE_STREAM_QUERY_H

#include "base/err.h"
#include "base/span.h"
#include "core/query.h"
#include "core/stream_cursor.h"

#include <stdbool.h>
#include <stddef.h>

enum { STREAM_QUERY_REFUSAL_SIZE = 160 };

struct stream_query {
    struct stream_entry jobs[STREAM_JOBS_MAX]; /* sorted by id, versions 0 */
    size_t jobs_count;                         /* 0: a user's stream */
    struct span user_id;                       /* empty: not given. Points into the query */
    struct span last_event_id;                 /* likewise */
    bool named_only;
};

/* ERR_INVALID: `refusal` says why, for the client. */
MUST_CHECK enum err stream_query_read(const struct query *q, struct stream_query *out,
                                      char refusal[STREAM_QUERY_REFUSAL_SIZE]);

#endif
