/* Admin request: the bodies of an operator's requests (docs/admin.md).
 *
 *     {"jobIds": ["…", "…"]}     1 … ADMIN_JOBS_MAX distinct job ids
 *     {"draining": true}
 *
 * Strict: an unknown, missing or repeated member and a value of another type are refused, naming
 * the member by JSON pointer (RFC 6901). */
#ifndef LONGHAUL_CORE_ADMIN_REQUEST_H
#define LONGHAUL_CORE_ADMIN_REQUEST_H

#include "base/err.h"
#include "base/ids.h"
#include "base/span.h"
#include "core/problem.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    ADMIN_JOBS_MAX = 200,    /* a page of the list: what an operator sees and can mean */
    ADMIN_BODY_MAX = 16384,  /* bytes: 200 ids take 6,200 */
    ADMIN_POINTER_SIZE = 32, /* ours, but for the name of an unknown member, which is cut */
    ADMIN_DETAIL_SIZE = 128,
};

struct admin_jobs {
    char ids[ADMIN_JOBS_MAX][JOB_ID_SIZE];
    size_t count;
};

struct admin_refusal {
    enum problem_code code;
    char pointer[ADMIN_POINTER_SIZE]; /* empty: the whole body */
    char detail[ADMIN_DETAIL_SIZE];
};

/* ERR_INVALID: `refusal` says why. ERR_NOMEM. */
MUST_CHECK enum err admin_jobs_read(struct span body, struct admin_jobs *out,
                                    struct admin_refusal *refusal);
MUST_CHECK enum err admin_drain_read(struct span body, bool *out, struct admin_refusal *refusal);

#endif
