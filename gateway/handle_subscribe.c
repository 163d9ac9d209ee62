/* GET /v1/download/subscribe/:jobId: what the client asked for; the rest is gateway/stream.c. */
#include "core/query.h"
#include "gateway/handlers.h"
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
    stream_open(x, last_id, named);
}
