/* Watch: what is known of one job that event streams follow (see gateway/hub.h). */
#ifndef LONGHAUL_GATEWAY_WATCH_H
#define LONGHAUL_GATEWAY_WATCH_H

#include "gateway/hub.h"
#include "wire/wire.h"

MUST_CHECK enum err watch_new(struct hub *hub, struct span job_id, struct watch **out);
void watch_destroy(struct watch **w);
void watch_release(struct watch **w); /* destroys it unless something still needs it */

void watch_read(struct watch *w); /* now, or after the one in flight */
void watch_event(struct watch *w, const struct wire_event *event);
/* An error that says nothing of the job: Redis is away, there is no memory. */
static inline bool watch_err_passes(enum err err)
{
    return err != ERR_OK && err != ERR_NOT_FOUND && err != ERR_INTERNAL;
}

/* Tells a member that has joined what is known, at once or after a read; may take the watch away.
 */
void watch_tell(struct watch *w, struct member *m);
/* The snapshot is known, but of before the member joined, and what its client has is newer. */
bool watch_lags(const struct watch *w, const struct member *m);
/* Known, its job has ended, and no client has seen more. */
bool watch_settled(const struct watch *w);
void watch_touch(struct watch *w); /* there was news */

/* The step's bytes in a form (bits of enum frames_form), with a reference for the caller.
 * ERR_NOMEM; ERR_TOO_LARGE: it cannot be said, now or ever, which is in the log once. */
MUST_CHECK enum err watch_frames(struct watch *w, const struct sse_step *step, unsigned form,
                                 struct frames **out);

#endif
