/* Caller: who sent a request, and which jobs they may see.
 *
 * With auth=none nobody is known: a job's id is the capability to it. With auth=jwt the token's
 * `sub` is the user; somebody else's job is answered like one that does not exist. */
#ifndef LONGHAUL_GATEWAY_CALLER_H
#define LONGHAUL_GATEWAY_CALLER_H

#include "base/span.h"
#include "core/record.h"

#include <stdbool.h>
#include <stdint.h>

struct caller {
    bool known;       /* authenticated; else everything below is empty */
    bool admin;       /* may act for every user */
    struct span user; /* lives as long as the request */
    int64_t until_s;  /* the token counts before it (wall clock): no stream lasts longer */
};

static inline bool caller_may_see(const struct caller *c, const struct job_record *record)
{
    return !c->known || c->admin || span_eq(c->user, record->user_id);
}

static inline bool caller_expired(const struct caller *c, int64_t now_s)
{
    return c->known && now_s >= c->until_s;
}

/* Whose jobs a caller means: their own unless they say otherwise (empty: nobody in particular,
 * which is everybody's for those who may). False: they may not ask for that user. */
static inline bool caller_may_ask_for(const struct caller *c, struct span *user_id)
{
    if (!c->known || c->admin) {
        return true;
    }
    if (user_id->len == 0) {
        *user_id = c->user;
    }
    return c->user.len > 0 && span_eq(*user_id, c->user);
}

#endif
