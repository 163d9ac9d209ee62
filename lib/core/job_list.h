/* Job list: what GET /v1/download/jobs is asked for, and its cursor (contract §2 "jobs").
 *
 *     ?userId=u1&status=queued,running&limit=50&cursor=…
 *
 * Strict: a parameter that stands twice, one that is empty and a value out of range are refused
 * with a sentence that names it; names that are not known are skipped, as on every route
 * (docs/http.md). A cursor is the id of the last job that was looked at, with a check, so that a
 * changed one is noticed: ids sort by age, so it stays right while jobs come and go, and it is no
 * secret. */
#ifndef LONGHAUL_CORE_JOB_LIST_H
#define LONGHAUL_CORE_JOB_LIST_H

#include "base/buf.h"
#include "base/err.h"
#include "base/ids.h"
#include "base/span.h"
#include "core/query.h"

#include <stddef.h>

enum {
    JOB_LIST_LIMIT_DEFAULT = 50,
    JOB_LIST_LIMIT_MAX = 200,   /* status objects in a reply */
    JOB_LIST_STATUSES_MAX = 64, /* bytes of all names, joined */
    JOB_LIST_REFUSAL_SIZE = 160,
};

struct job_list_query {
    struct span user_id;  /* empty: not given. Points into the query */
    struct span statuses; /* distinct names joined by ','; empty: all. Points into the query */
    size_t limit;
    char after[JOB_ID_SIZE]; /* only older jobs; empty: from the newest */
};

/* ERR_INVALID: `refusal` says why, for the client. */
MUST_CHECK enum err job_list_read(const struct query *q, struct job_list_query *out,
                                  char refusal[JOB_LIST_REFUSAL_SIZE]);

void job_list_cursor_write(struct span job_id, struct buf *out);
/* ERR_INVALID for a text that was not written here. */
MUST_CHECK enum err job_list_cursor_read(struct span text, char out[JOB_ID_SIZE]);

/* 1-128 bytes of plain text: what may name a user in a query. */
bool job_list_user_valid(struct span user_id);

#endif
