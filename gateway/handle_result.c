/* GET /v1/download/:jobId: a fresh link to the artifact, as a redirect or as JSON. */
#include "base/clock.h"
#include "core/accept.h"
#include "core/file_name.h"
#include "core/query.h"
#include "core/status_json.h"
#include "gateway/handlers.h"
#include "gateway/links.h"
#include "gateway/loop.h"
#include "gateway/record_reads.h"
#include "gateway/reply.h"

static const struct span no_store = {"private, no-store", sizeof "private, no-store" - 1};

static void nullable(struct buf *body, struct span text)
{
    if (text.len == 0) {
        (void)buf_text(body, "null");
    } else {
        (void)buf_json_string(body, text);
    }
}

static void reply_link(struct exchange *x, const struct job_record *r,
                       const struct status_link *link)
{
    struct buf *body = &x->loop->scratch;
    buf_reset(body);
    (void)buf_text(body, "{\"url\":");
    (void)buf_json_string(body, link->url);
    (void)buf_text(body, ",\"expiresAt\":");
    (void)buf_i64(body, link->expires_at_s);
    (void)buf_text(body, ",\"fileName\":");
    (void)buf_json_string(body, r->file_name.len > 0 ? r->file_name : SPAN(FILE_NAME_FALLBACK));
    (void)buf_text(body, ",\"size\":");
    (void)buf_u64(body, r->size_bytes);
    (void)buf_text(body, ",\"sha256\":");
    nullable(body, r->sha256_hex);
    (void)buf_char(body, '}');
    reply_begin(x, 200);
    reply_header(x, H2O_TOKEN_CACHE_CONTROL, no_store);
    reply_scratch(x, REPLY_JSON);
}

static void reply_redirect(struct exchange *x, const struct status_link *link)
{
    reply_begin(x, 302);
    reply_header(x, H2O_TOKEN_LOCATION, exchange_copy(x, link->url));
    reply_header(x, H2O_TOKEN_CACHE_CONTROL, no_store);
    reply_empty(x);
}

static void reply_completed(struct exchange *x, const struct job_record *r)
{
    struct gateway_loop *loop = x->loop;
    if (r->artifact_expired || r->artifact_key.len == 0) {
        reply_problem(x, PROBLEM_ARTIFACT_EXPIRED, (struct span){0});
        return;
    }
    struct query query;
    enum result_form form;
    struct span accept = {0};
    (void)exchange_header_list(x, "accept", &accept);
    if (query_parse(x->query, &query) != ERR_OK || result_form(&query, accept, &form) != ERR_OK) {
        reply_problem(x, PROBLEM_BAD_REQUEST, SPAN("redirect is 0 or 1, once"));
        return;
    }
    struct status_link link;
    const enum err e = links_fresh(&loop->links, r, clock_wall_ms() / 1000, &link);
    if (e == ERR_UNSUPPORTED) {
        reply_problem(x, PROBLEM_UNAVAILABLE,
                      SPAN("This server has no store to hand out links to"));
    } else if (e != ERR_OK) {
        reply_problem(x, PROBLEM_INTERNAL, (struct span){0});
    } else if (form == RESULT_FORM_REDIRECT) {
        reply_redirect(x, &link);
    } else {
        reply_link(x, r, &link);
    }
}

static void on_record(struct exchange *x, const struct job_record *r)
{
    switch (r->status) {
    case JOB_COMPLETED:
        reply_completed(x, r);
        break;
    case JOB_QUEUED:
    case JOB_RUNNING:
        reply_problem_later(x, PROBLEM_NOT_READY, status_retry_after_s(r, clock_wall_ms() / 1000));
        break;
    case JOB_FAILED:
    case JOB_CANCELED:
    case JOB_STATUS_COUNT:
        reply_problem(x, PROBLEM_NOT_AVAILABLE, (struct span){0});
        break;
    }
}

void handle_result(struct exchange *x)
{
    record_read_for(x, on_record);
}
