/* GET /v1/download/status/:jobId: the record as Redis has it, with an ETag (RFC 9110 §13.1.2). */
#include "base/clock.h"
#include "core/etag.h"
#include "core/status_json.h"
#include "gateway/handlers.h"
#include "gateway/links.h"
#include "gateway/loop.h"
#include "gateway/record_reads.h"
#include "gateway/reply.h"
#include "gateway/status_reply.h"

#include <string.h>

static void add_headers(struct exchange *x, const struct job_record *record, struct span etag,
                        int64_t now_s)
{
    reply_header(x, H2O_TOKEN_ETAG, etag);
    reply_header(x, H2O_TOKEN_CACHE_CONTROL, SPAN("private, no-cache"));
    const uint32_t retry_after_s = status_retry_after_s(record, now_s);
    if (retry_after_s > 0) {
        reply_retry_after(x, retry_after_s);
    }
}

void status_reply(struct exchange *x, int status, const struct job_record *record)
{
    struct gateway_loop *loop = x->loop;
    const int64_t now_s = clock_wall_ms() / 1000;
    struct status_link link;
    uint64_t window;
    const bool linked = links_of_status(&loop->links, record, now_s, &link, &window);
    char *etag_text = h2o_mem_alloc_pool(&x->req->pool, STATUS_ETAG_SIZE);
    const struct span etag = status_etag(record->version, window, etag_text);
    buf_reset(&loop->scratch);
    status_json_render(record, linked ? &link : NULL, &loop->scratch);
    reply_begin(x, status);
    add_headers(x, record, etag, now_s);
    reply_scratch(x, REPLY_JSON);
}

static bool client_has_it(struct exchange *x, const struct job_record *record)
{
    struct span none_match;
    if (!exchange_header_list(x, "if-none-match", &none_match)) {
        return false;
    }
    const int64_t now_s = clock_wall_ms() / 1000;
    const uint64_t window = links_window(&x->loop->links, record, now_s);
    char *text = h2o_mem_alloc_pool(&x->req->pool, STATUS_ETAG_SIZE);
    const struct span etag = status_etag(record->version, window, text);
    if (!etag_none_match_has(none_match, etag)) {
        return false;
    }
    reply_begin(x, 304);
    add_headers(x, record, etag, now_s);
    reply_empty(x);
    return true;
}

static void on_record(struct exchange *x, const struct job_record *record)
{
    if (!client_has_it(x, record)) {
        status_reply(x, 200, record);
    }
}

void handle_status(struct exchange *x)
{
    record_read_for(x, on_record);
}
