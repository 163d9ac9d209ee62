/* User stream: all of a user's jobs: those that are active, and those that become so later.
 *
 *     GET /v1/download/subscribe            of the caller, or ?userId=…
 *
 * It never ends by itself. How it knows which jobs there are:
 *
 *   - `since` is an id: of the user's jobs up to it, those that are no members were ended and
 *     delivered (or had ended before the stream began). All later ones are members, at latest
 *     after the next scan. Ids sort by the time they were made, but a job may be recorded some
 *     time after its id was made: so `since` stays USER_SETTLE_MS behind, and members later than
 *     it stay although they have ended. Both are in the cursor: a resumed stream goes on alike.
 *   - A scan reads the ids after `since` from the user's index, and the set of active jobs, in
 *     which a job that was let go reappears when it is retried.
 *   - A broker's hint names one job and the transition that made it active: from there it is told.
 *
 * Jobs that failed or were canceled stay members for a while, since they may be retried. At most
 * STREAM_JOBS_MAX are members: at first the newest active ones; what does not fit comes in when
 * others have ended. Active ones that are not later than `since` come first: once they have ended,
 * nothing tells of them. Later ones are found even then, since `since` waits for them. */
#ifndef LONGHAUL_GATEWAY_USER_STREAM_H
#define LONGHAUL_GATEWAY_USER_STREAM_H

#include "gateway/many.h"
#include "gateway/user_topic.h"

#include <string.h>

enum {
    /* From making a job's id to its record, at most: a call to a broker is given up before. */
    USER_SETTLE_MS = 10000,
    USER_ENDED_KEPT_MAX = 32, /* failed and canceled jobs that stay, for their retry */
};

struct user_scan; /* gateway/user_scan.c */

struct user_stream {
    struct many many; /* first */
    struct follower follower;
    struct span user_id;
    char since[JOB_ID_SIZE];
    char scanned[JOB_ID_SIZE]; /* not before `since`: all ids up to it were members already */
    struct user_scan *scan;    /* in flight; NULL: none */
    bool begun;                /* a scan was completed, now or before this connection */
    bool scan_again;           /* once the one in flight is done */
    bool crowded;              /* a job found no place: scan when there is one */
};

static inline bool job_is_after(const char *id, const char *other)
{
    return memcmp(id, other, JOB_ID_LEN) > 0;
}

/* user_stream.c. A job that finds no place makes the stream crowded; one that is there stays. */
void user_stream_add(struct user_stream *u, const struct many_join *join);
void user_stream_let_go(struct user_stream *u); /* of what has ended and is settled */
void user_stream_go_on(struct user_stream *u);  /* send, if there is something */

/* user_scan.c: looks for jobs now, or once more after the scan in flight. */
void user_scan_start(struct user_stream *u);
void user_scan_forget(struct user_stream *u); /* the stream is over */

#endif
