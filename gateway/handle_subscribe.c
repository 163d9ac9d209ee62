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
static struct span last_event_id(const struct exchange *x, const struct query *q)
{
    struct span id;
    if (exchange_header(x, "last-event-id", &id) ||
        query_get(q, SPAN("lastEventId"), &id) == ERR_OK) {
        return id;
    }
    return (struct span){0};
}

void handle_subscribe(struct exchange *x)
{
    struct query query;
    bool named;
    if (query_parse(x->query, &query) != ERR_OK || named_only(&query, &named) != ERR_OK) {
        reply_problem(x, PROBLEM_BAD_REQUEST, SPAN("named is 0 or 1, once"));
        return;
    }
    stream_open(x, last_event_id(x, &query), named);
}
