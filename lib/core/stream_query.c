#include "core/stream_query.h"

#include "core/job_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_id(const void *a, const void *b)
{
    return memcmp(((const struct stream_entry *)a)->job_id,
                  ((const struct stream_entry *)b)->job_id, JOB_ID_LEN);
}

static const char *take_job(struct span value, struct stream_query *out)
{
    if (!job_id_valid(value)) {
        return "jobId is not a job's id";
    }
    if (out->jobs_count == STREAM_JOBS_MAX) {
        return "jobId stands more than 200 times";
    }
    struct stream_entry *e = &out->jobs[out->jobs_count++];
    e->version = 0;
    memcpy(e->job_id, value.ptr, JOB_ID_LEN);
    e->job_id[JOB_ID_LEN] = '\0';
    return NULL;
}

static const char *take_user(struct span value, struct stream_query *out)
{
    out->user_id = value;
    return job_list_user_valid(value) ? NULL : "userId is 1 to 128 bytes of text";
}

static const char *take_named(struct span value, struct stream_query *out)
{
    out->named_only = span_eq(value, SPAN("1"));
    return out->named_only || span_eq(value, SPAN("0")) ? NULL : "named is 0 or 1, once";
}

/* Text that is no cursor of this stream is not refused: it counts as none. */
static const char *take_last_event_id(struct span value, struct stream_query *out)
{
    out->last_event_id = value;
    return NULL;
}

static const struct parameter {
    const char *name;
    const char *(*take)(struct span value, struct stream_query *out); /* NULL: good */
    const char *twice; /* NULL: may stand more than once */
} parameters[] = {
    {"jobId", take_job, NULL},
    {"userId", take_user, "userId stands more than once"},
    {"named", take_named, "named is 0 or 1, once"},
    {"lastEventId", take_last_event_id, "lastEventId stands more than once"},
};
enum { PARAMETERS = sizeof parameters / sizeof parameters[0] };

static const struct parameter *parameter_of(struct span name)
{
    for (size_t i = 0; i < PARAMETERS; i++) {
        if (span_eq(name, span_of(parameters[i].name))) {
            return &parameters[i];
        }
    }
    return NULL;
}

static const char *check_whole(struct stream_query *out)
{
    if (out->jobs_count > 0 && out->user_id.len > 0) {
        return "jobId and userId exclude each other";
    }
    qsort(out->jobs, out->jobs_count, sizeof out->jobs[0], by_id);
    for (size_t i = 1; i < out->jobs_count; i++) {
        if (by_id(&out->jobs[i - 1], &out->jobs[i]) == 0) {
            return "the same jobId stands twice";
        }
    }
    return NULL;
}

enum err stream_query_read(const struct query *q, struct stream_query *out,
                           char refusal[STREAM_QUERY_REFUSAL_SIZE])
{
    unsigned seen = 0; /* a bit for each of `parameters` */
    const char *why = NULL;
    out->jobs_count = 0;
    out->user_id = out->last_event_id = (struct span){0};
    out->named_only = false;
    for (size_t i = 0; i < q->count && why == NULL; i++) {
        const struct query_pair *pair = &q->pairs[i];
        const struct parameter *p = parameter_of(pair->name);
        if (p == NULL) {
            continue; /* a tracker's, a cache buster's, a ticket that was looked at before */
        }
        const unsigned bit = 1U << (unsigned)(p - parameters);
        why = (seen & bit) != 0 && p->twice != NULL ? p->twice : p->take(pair->value, out);
        seen |= bit;
    }
    if (why == NULL) {
        why = check_whole(out);
    }
    if (why != NULL) {
        (void)snprintf(refusal, STREAM_QUERY_REFUSAL_SIZE, "%s", why);
        return ERR_INVALID;
    }
    return ERR_OK;
}
