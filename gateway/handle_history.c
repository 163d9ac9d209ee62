/* GET /v1/download/:jobId/history: the record's log of transitions. */
#include "core/history_json.h"
#include "gateway/handlers.h"
#include "gateway/loop.h"
#include "gateway/record_reads.h"
#include "gateway/reply.h"

static void on_record(struct exchange *x, const struct job_record *record)
{
    struct buf *body = &x->loop->scratch;
    buf_reset(body);
    history_json_render(record, body);
    reply_begin(x, 200);
    reply_header(x, H2O_TOKEN_CACHE_CONTROL, SPAN("private, no-store"));
    reply_scratch(x, REPLY_JSON);
}

void handle_history(struct exchange *x)
{
    record_read_for(x, on_record);
}
