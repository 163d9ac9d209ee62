// links: base core
/* Queries of lists and of streams of many jobs, and the cursor of a list. */
#include "core/job_list.h"
#include "core/stream_query.h"

#include <assert.h>
#include <string.h>

static void check_cursor(const char *after)
{
    char again[JOB_ID_SIZE];
    struct buf b;
    buf_init(&b, 64);
    job_list_cursor_write(span_of(after), &b);
    assert(job_list_cursor_read(buf_as_span(&b), again) == ERR_OK);
    assert(strcmp(after, again) == 0);
    buf_clear(&b);
}

static void try_list(const struct query *q)
{
    struct job_list_query wanted;
    char refusal[JOB_LIST_REFUSAL_SIZE];
    if (job_list_read(q, &wanted, refusal) != ERR_OK) {
        assert(refusal[0] != '\0' && memchr(refusal, '\0', sizeof refusal) != NULL);
        return;
    }
    assert(wanted.limit >= 1 && wanted.limit <= JOB_LIST_LIMIT_MAX);
    assert(wanted.user_id.len == 0 || job_list_user_valid(wanted.user_id));
    assert(wanted.statuses.len <= JOB_LIST_STATUSES_MAX);
    if (wanted.after[0] != '\0') {
        check_cursor(wanted.after);
    }
}

static void try_stream(const struct query *q)
{
    static struct stream_query wanted;
    char refusal[STREAM_QUERY_REFUSAL_SIZE];
    if (stream_query_read(q, &wanted, refusal) != ERR_OK) {
        assert(refusal[0] != '\0' && memchr(refusal, '\0', sizeof refusal) != NULL);
        return;
    }
    assert(wanted.jobs_count <= STREAM_JOBS_MAX);
    assert(wanted.jobs_count == 0 || wanted.user_id.len == 0);
    for (size_t i = 0; i < wanted.jobs_count; i++) {
        assert(job_id_valid(span_of(wanted.jobs[i].job_id)));
        assert(i == 0 || strcmp(wanted.jobs[i - 1].job_id, wanted.jobs[i].job_id) < 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct query q;
    char after[JOB_ID_SIZE];
    const struct span text = {(const char *)data, size};
    if (job_list_cursor_read(text, after) == ERR_OK) {
        check_cursor(after);
    }
    if (query_parse(text, &q) == ERR_OK) {
        try_list(&q);
        try_stream(&q);
    }
    return 0;
}
