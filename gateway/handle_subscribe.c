/* GET /v1/download/subscribe/:jobId and GET /v1/download/subscribe: what the client asked for; the
 * rest is gateway/stream_job.c, list_stream.c and user_stream.c. */
#include "core/query.h"
#include "core/stream_query.h"
#include "gateway/handlers.h"
#include "gateway/many.h"
#include "gateway/reply.h"
#include "gateway/stream.h"

/* ?named=1 or 0, once. */
static enum err named_only(const struct query *q, bool *out)
{
    struct span value;
    const enum err e = query_get(q, SPAN("named"), &value);
    *out = e == ERR_OK && span_eq(value, SPAN("1"));
    if (e == ERR_NOT_FOUND) {
        return ERR_OK;
    }
    return e == ERR_OK && (*out || span_eq(value, SPAN("0"))) ? ERR_OK : ERR_INVALID;
}

/* A browser that reconnects sends the header, and its URL still has the parameter it began with:
 * the header is newer. */
static enum err last_event_id(const struct exchange *x, const struct query *q, struct span *out)
{
    *out = (struct span){0};
    const enum err e = query_get(q, SPAN("lastEventId"), out);
    (void)exchange_header(x, "last-event-id", out);
    return e == ERR_EXISTS ? ERR_INVALID : ERR_OK;
}

void handle_subscribe(struct exchange *x)
{
    struct query query;
    struct span last_id;
    bool named;
    if (query_parse(x->query, &query) != ERR_OK || named_only(&query, &named) != ERR_OK) {
        reply_problem(x, PROBLEM_BAD_REQUEST, SPAN("named is 0 or 1, once"));
        return;
    }
    if (last_event_id(x, &query, &last_id) != ERR_OK) {
        reply_problem(x, PROBLEM_BAD_REQUEST, SPAN("lastEventId stands twice"));
        return;
    }
    stream_job_open(x, last_id, named);
}

static void follow_user(struct exchange *x, const struct stream_query *wanted, struct span last_id)
{
    struct span user_id = wanted->user_id;
    if (user_id.len == 0 && x->caller.known) {
        user_id = x->caller.user;
    }
    if (!caller_may_ask_for(&x->caller, &user_id)) {
        reply_problem(x, PROBLEM_FORBIDDEN, SPAN("userId is somebody else"));
    } else if (user_id.len == 0) {
        reply_problem(x, PROBLEM_BAD_REQUEST, SPAN("jobId or userId is needed"));
    } else {
        user_stream_open(x, user_id, last_id, wanted->named_only);
    }
}

void handle_subscribe_many(struct exchange *x)
{
    struct query query;
    struct stream_query wanted;
    char refusal[STREAM_QUERY_REFUSAL_SIZE];
    struct span last_id;
    if (query_parse(x->query, &query) != ERR_OK) {
        reply_problem(x, PROBLEM_BAD_REQUEST, SPAN("The query is too long or wrongly encoded"));
        return;
    }
    if (stream_query_read(&query, &wanted, refusal) != ERR_OK) {
        reply_problem(x, PROBLEM_BAD_REQUEST, span_of(refusal));
        return;
    }
    if (!exchange_header(x, "last-event-id", &last_id)) { /* newer than the parameter, see above */
        last_id = wanted.last_event_id;
    }
    if (wanted.jobs_count > 0) {
        rate_charge_jobs(x, wanted.jobs_count);
        list_stream_open(x, &wanted, last_id);
    } else {
        follow_user(x, &wanted, last_id);
    }
}
