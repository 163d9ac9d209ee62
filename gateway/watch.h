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
bool watch_settled(const struct watch *w); /* known, and its job has ended */
void watch_touch(struct watch *w);         /* there was news */

/* The step's bytes in a form (bits of enum frames_form), with a reference for the caller.
 * ERR_NOMEM; ERR_TOO_LARGE: it cannot be said, now or ever, which is in the log once. */
MUST_CHECK enum err watch_frames(struct watch *w, const struct sse_step *step, unsigned form,
                                 struct frames **out);

#endif
