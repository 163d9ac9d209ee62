/* Caller: who sent a request, and which jobs they may see.
 *
 * With auth=none nobody is known: a job's id is the capability to it. With auth=jwt the token's
 * `sub` is the user; somebody else's job is answered like one that does not exist. */
#ifndef LONGHAUL_GATEWAY_CALLER_H
#define LONGHAUL_GATEWAY_CALLER_H

#include "base/span.h"
#include "core/record.h"

#include <stdbool.h>

struct caller {
    bool known;       /* authenticated; else everything below is empty */
    bool admin;       /* may act for every user */
    struct span user; /* lives as long as the request */
};

static inline bool caller_may_see(const struct caller *c, const struct job_record *record)
{
    return !c->known || c->admin || span_eq(c->user, record->user_id);
}

#endif
