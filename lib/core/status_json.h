/* Status JSON: the status object of contract §1, the same in replies, streams and lists.
 *
 *     {"jobId":"…","status":"running","version":7,"progress":58,"etaSeconds":18,"attempts":1,
 *      "maxAttempts":3,"file_id":42,"userId":"u1","createdAt":…,"updatedAt":…,"stage":"fetching",
 *      "bytesDone":…,"bytesTotal":…}
 *
 * Only while queued: "queuePosition" (null if unknown), and "nextAttemptAt" while waiting for a
 * retry. Only if failed: "error". Only if completed: "result". Always there, null when unknown:
 * progress, etaSeconds, userId, bytesTotal; in a result: fileName, sha256.
 *
 * Written by hand, not through a JSON library: a status costs about a microsecond. */
#ifndef LONGHAUL_CORE_STATUS_JSON_H
#define LONGHAUL_CORE_STATUS_JSON_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "core/record.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    STATUS_JSON_MAX = 16384, /* bytes, at the limits of every field and all of it escaped */
    STATUS_ETAG_SIZE = 48,
    STATUS_RETRY_AFTER_S_MIN = 1,
    STATUS_RETRY_AFTER_S_MAX = 15,
};

/* The stage of a running job that is marked for cancel: no worker reports it and no record has it.
 * Like queuePosition it may change without a new version. */
#define STATUS_STAGE_CANCELING "canceling"

/* A link to the artifact, for "url" and "expiresAt" of a result. Borrowed. */
struct status_link {
    struct span url; /* empty: left out, only when it ends is told (lists) */
    int64_t expires_at_s;
};

/* The present state. `link` may be NULL: then a result has no url and expiresAt (artifacts past
 * retention). The error sticks in `out`. */
void status_json_render(const struct job_record *r, const struct status_link *link,
                        struct buf *out);
/* The state right after `t`, one of the record's transitions: status, version and updatedAt are
 * t's; progress, ETA, stage and bytes are what they are at such a moment. If `t` is the record's
 * newest change this gives the same bytes as status_json_render. */
void status_json_render_past(const struct job_record *r, const struct record_transition *t,
                             const struct status_link *link, struct buf *out);

/* {"jobId":"…","status":"queued"}: the reply to initiate and retry. */
void status_json_render_queued(struct span job_id, struct buf *out);

/* When to ask again, 1-15 s: half of the ETA; the rest of a wait for a retry; a guess by queue
 * position. 0 for a terminal job: not again. */
uint32_t status_retry_after_s(const struct job_record *r, int64_t now_s);

/* W/"<version>", or W/"<version>.<window>" for a completed job whose link was renewed (`window` >
 * 0, see core/link.h). NUL-terminated; the span is without the NUL. */
struct span status_etag(uint64_t version, uint64_t window, char out[STATUS_ETAG_SIZE]);

#endif
