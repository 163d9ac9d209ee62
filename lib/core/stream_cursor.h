/* Stream cursor: the `id:` of a stream of many jobs (contract §2 "subscribe", many jobs).
 *
 * It says of every job of the stream which version the client has, so that a stream which resumes
 * from it sends each transition that is newer and none that is not. All of it is base32
 * (base/base32.h): it fits a header, a query and a line.
 *
 *     list:  "1" hash(7) version…                       of the ids asked for, in their order
 *     user:  "2" hash(7) since(27) n(1) prefix(n) { id(27 - n) version }…
 *
 * `hash` is of the ids, or of the user: a cursor of another stream is none. A version is groups of
 * four bits, lowest first, the fifth bit says that more follow; 0: nothing of that job was sent.
 * Of the user's jobs whose ids do not sort after `since`, those that are not named were ended and
 * delivered. Ids are sorted and share `prefix`.
 *
 * It is no secret and needs no signature: whoever changes it changes what is sent to themselves,
 * and what they may see is checked job by job. */
#ifndef LONGHAUL_CORE_STREAM_CURSOR_H
#define LONGHAUL_CORE_STREAM_CURSOR_H

#include "base/buf.h"
#include "base/ids.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STREAM_JOBS_MAX = 200, /* jobs on one connection */
    STREAM_CURSOR_HEAD_MAX = 64,
    STREAM_CURSOR_ENTRY_MAX = JOB_ID_LEN + 16,
    /* Bytes. In practice 200 jobs of a user take about 5,000. */
    STREAM_CURSOR_MAX = STREAM_CURSOR_HEAD_MAX + STREAM_JOBS_MAX * STREAM_CURSOR_ENTRY_MAX,
};

struct stream_entry {
    char job_id[JOB_ID_SIZE];
    uint64_t version;
};

/* Entries are sorted by id and distinct; at most STREAM_JOBS_MAX. Errors stick in `out`. */
void stream_cursor_write_list(const struct stream_entry *entries, size_t count, struct buf *out);
/* Fills in the versions; false, and all versions 0, if the text is not a cursor of these ids. */
bool stream_cursor_read_list(struct span text, struct stream_entry *entries, size_t count);

/* All that a user's stream says; `since` is a job id or what job_id_floor made. */
struct stream_user_cursor {
    char since[JOB_ID_SIZE];
    struct stream_entry entries[STREAM_JOBS_MAX];
    size_t count;
};
void stream_cursor_write_user(struct span user_id, const struct stream_user_cursor *c,
                              struct buf *out);
/* False if the text is not a cursor of this user's stream. */
bool stream_cursor_read_user(struct span user_id, struct span text, struct stream_user_cursor *out);

#endif
