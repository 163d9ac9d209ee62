#include "core/job_list.h"

#include "base/base32.h"
#include "base/siphash.h"
#include "core/job.h"
#include "core/plain_text.h"

#include <stdbool.h>
#include <stdio.h>

enum { CHECK_CHARS = 6, CHECK_BITS = 30, CURSOR_LEN = JOB_ID_LEN + CHECK_CHARS };

/* Not secret: it tells a damaged cursor from a whole one, and nothing more hangs on it. */
static const struct siphash_key cursor_key = {UINT64_C(0x6c6f6e676861756c), UINT64_C(0x6a6f6273)};

static void put_check(struct span job_id, char out[CHECK_CHARS])
{
    (void)base32_put(out, CHECK_CHARS, siphash(&cursor_key, job_id) >> (64 - CHECK_BITS));
}

void job_list_cursor_write(struct span job_id, struct buf *out)
{
    char check[CHECK_CHARS];
    put_check(job_id, check);
    (void)buf_append(out, check, sizeof check);
    (void)buf_span(out, job_id);
}

enum err job_list_cursor_read(struct span text, char out[JOB_ID_SIZE])
{
    char check[CHECK_CHARS];
    if (text.len != CURSOR_LEN) {
        return ERR_INVALID;
    }
    const struct span id = {text.ptr + CHECK_CHARS, JOB_ID_LEN};
    put_check(id, check);
    if (!job_id_valid(id) || !span_starts(text, (struct span){check, sizeof check})) {
        return ERR_INVALID;
    }
    return span_copy(id, out, JOB_ID_SIZE);
}

bool job_list_user_valid(struct span user_id)
{
    return user_id.len > 0 && user_id.len <= JOB_USER_ID_MAX && plain_text(user_id);
}

static enum err take_user(struct span value, struct job_list_query *out)
{
    out->user_id = value;
    return job_list_user_valid(value) ? ERR_OK : ERR_INVALID;
}

static enum err take_statuses(struct span value, struct job_list_query *out)
{
    bool seen[JOB_STATUS_COUNT] = {false};
    struct span name, rest = value;
    bool more = true;
    if (value.len > JOB_LIST_STATUSES_MAX) {
        return ERR_INVALID;
    }
    while (more) {
        enum job_status status;
        more = span_cut(rest, ',', &name, &rest);
        TRY(job_status_parse(name, &status));
        if (seen[status]) {
            return ERR_INVALID;
        }
        seen[status] = true;
    }
    out->statuses = value;
    return ERR_OK;
}

static enum err take_limit(struct span value, struct job_list_query *out)
{
    uint64_t n = 0;
    TRY(span_to_u64(value, &n));
    out->limit = (size_t)n;
    return n >= 1 && n <= JOB_LIST_LIMIT_MAX ? ERR_OK : ERR_INVALID;
}

static enum err take_cursor(struct span value, struct job_list_query *out)
{
    return job_list_cursor_read(value, out->after);
}

static const struct parameter {
    const char *name;
    enum err (*take)(struct span value, struct job_list_query *out);
    const char *twice, *bad;
} parameters[] = {
    {"userId", take_user, "userId stands more than once", "userId is 1 to 128 bytes of text"},
    {"status", take_statuses, "status stands more than once; several are joined by commas",
     "status is one of queued, running, completed, failed, canceled, or several different ones "
     "joined by commas"},
    {"limit", take_limit, "limit stands more than once", "limit is a number from 1 to 200"},
    {"cursor", take_cursor, "cursor stands more than once",
     "cursor is the nextCursor of an earlier reply, unchanged"},
};
enum { PARAMETERS = sizeof parameters / sizeof parameters[0] };

/* What is wrong with a parameter; NULL: nothing. */
static const char *read_one(const struct parameter *p, const struct query *q,
                            struct job_list_query *out)
{
    struct span value;
    const enum err e = query_get(q, span_of(p->name), &value);
    if (e == ERR_NOT_FOUND) {
        return NULL;
    }
    if (e != ERR_OK) {
        return p->twice;
    }
    return p->take(value, out) == ERR_OK ? NULL : p->bad;
}

enum err job_list_read(const struct query *q, struct job_list_query *out,
                       char refusal[JOB_LIST_REFUSAL_SIZE])
{
    *out = (struct job_list_query){.limit = JOB_LIST_LIMIT_DEFAULT};
    refusal[0] = '\0';
    const char *why = NULL;
    for (size_t i = 0; i < PARAMETERS && why == NULL; i++) {
        why = read_one(&parameters[i], q, out);
    }
    if (why == NULL) {
        return ERR_OK;
    }
    (void)snprintf(refusal, JOB_LIST_REFUSAL_SIZE, "%s", why);
    return ERR_INVALID;
}
