/* GET /v1/download/jobs: a page of ids from the index, then their records, all asked for at once.
 */
#include "base/clock.h"
#include "core/job_list.h"
#include "core/query.h"
#include "core/status_json.h"
#include "gateway/counters.h"
#include "gateway/handlers.h"
#include "gateway/loop.h"
#include "gateway/reply.h"
#include "ports/job_index.h"
#include "ports/record_reader.h"

#include <stdlib.h>
#include <string.h>

enum {
    /* Pages being read, of a loop: each has up to 200 reads in flight. */
    LISTS_MAX = 64,
    PAGE_MAX = JOB_LIST_LIMIT_MAX * (STATUS_JSON_MAX + 1) + 256, /* bytes of a reply */
};
_Static_assert((int)JOB_LIST_LIMIT_MAX <= (int)JOB_INDEX_IDS_MAX, "a page is one answer");

struct page_item {
    struct page *page;
    char *json; /* owned; NULL: not there (yet) */
    size_t len;
};

/* It outlives a request that ends early: answers of Redis come when they come. */
struct page {
    struct gateway_loop *loop;
    struct exchange *exchange; /* NULL: the request is over */
    struct page_item items[JOB_LIST_LIMIT_MAX];
    size_t count, waiting;
    char next[JOB_ID_SIZE]; /* empty: the end */
    enum err err;           /* why there is no page */
};

static void page_destroy(struct page *p)
{
    for (size_t i = 0; i < p->count; i++) {
        free(p->items[i].json);
    }
    if (p->exchange != NULL) {
        p->exchange->state = NULL;
    }
    p->loop->lists--;
    metrics_add(p->loop->counters, COUNT_IN_FLIGHT, -1);
    free(p);
}

static void on_end(struct exchange *x)
{
    struct page *p = x->state;
    if (p != NULL) {
        p->exchange = NULL;
    }
}

static void render(const struct page *p, struct buf *out)
{
    bool first = true;
    (void)buf_text(out, "{\"jobs\":[");
    for (size_t i = 0; i < p->count; i++) {
        if (p->items[i].json != NULL) {
            (void)buf_text(out, first ? "" : ",");
            (void)buf_append(out, p->items[i].json, p->items[i].len);
            first = false;
        }
    }
    (void)buf_text(out, "],\"nextCursor\":");
    if (p->next[0] != '\0') {
        (void)buf_char(out, '"');
        job_list_cursor_write(span_of(p->next), out);
        (void)buf_text(out, "\"}");
    } else {
        (void)buf_text(out, "null}");
    }
}

static void reply_page(struct exchange *x, const struct page *p)
{
    struct buf body;
    buf_init(&body, PAGE_MAX);
    render(p, &body);
    if (buf_error(&body) != ERR_OK) {
        reply_problem(x, PROBLEM_INTERNAL, (struct span){0});
    } else {
        reply_begin(x, 200);
        reply_header(x, H2O_TOKEN_CACHE_CONTROL, SPAN("private, no-store"));
        reply_body(x, REPLY_JSON, buf_as_span(&body));
    }
    buf_clear(&body);
}

/* All of it has come. */
static void finish(struct page *p)
{
    struct exchange *x = p->exchange;
    if (x != NULL && p->err != ERR_OK) {
        reply_err(x, p->err);
    } else if (x != NULL) {
        reply_page(x, p);
    }
    page_destroy(p);
}

static void keep(struct page_item *item, const struct job_record *record)
{
    struct gateway_loop *loop = item->page->loop;
    struct buf *json = &loop->scratch;
    struct status_link end;
    const bool linked = links_end(&loop->links, record, clock_wall_ms() / 1000, &end);
    buf_reset(json);
    status_json_render(record, linked ? &end : NULL, json);
    item->json = buf_error(json) == ERR_OK ? malloc(json->len) : NULL;
    if (item->json == NULL) {
        item->page->err = ERR_NOMEM;
        return;
    }
    memcpy(item->json, json->data, json->len);
    item->len = json->len;
}

/* A job that was removed meanwhile is left out, and so is a record that cannot be read (it is in
 * the log): one of them must not hide all the others. */
static void on_record(void *context, enum err err, const struct job_record *record)
{
    struct page_item *item = context;
    struct page *p = item->page;
    if (err == ERR_OK && p->exchange != NULL && p->err == ERR_OK &&
        caller_may_see(&p->exchange->caller, record)) {
        keep(item, record);
    } else if (err != ERR_OK && err != ERR_NOT_FOUND && err != ERR_INTERNAL) {
        p->err = err;
    }
    if (--p->waiting == 0) {
        finish(p);
    }
}

static void read_records(struct page *p, const struct span *ids)
{
    p->waiting = 1; /* this function's own, so that nothing ends before all is asked */
    for (size_t i = 0; i < p->count && p->err == ERR_OK; i++) {
        p->items[i].page = p;
        p->err = reader_get(p->loop->redis, ids[i], on_record, &p->items[i]);
        p->waiting += p->err == ERR_OK ? 1 : 0;
        metrics_add(p->loop->counters, COUNT_RECORD_READS, p->err == ERR_OK ? 1 : 0);
    }
    if (--p->waiting == 0) {
        finish(p);
    }
}

static void on_ids(void *context, enum err err, const struct span *ids, size_t count,
                   struct span next)
{
    struct page *p = context;
    p->err = err;
    if (p->err == ERR_OK && p->exchange != NULL && next.len > 0) {
        p->err = span_copy(next, p->next, sizeof p->next);
    }
    if (p->err != ERR_OK || p->exchange == NULL) {
        finish(p);
        return;
    }
    p->count = count;
    read_records(p, ids);
}

static enum err start(struct exchange *x, const struct job_index_page *wanted)
{
    struct gateway_loop *loop = x->loop;
    struct page *p = loop->lists < LISTS_MAX ? calloc(1, sizeof *p) : NULL;
    if (p == NULL) {
        return ERR_FULL;
    }
    p->loop = loop;
    const enum err e = job_index_list(loop->redis, wanted, on_ids, p);
    if (e != ERR_OK) {
        free(p);
        return e;
    }
    p->exchange = x;
    x->state = p;
    x->on_end = on_end;
    loop->lists++;
    metrics_add(loop->counters, COUNT_IN_FLIGHT, 1);
    return ERR_OK;
}

void handle_jobs(struct exchange *x)
{
    struct query query;
    struct job_list_query wanted;
    char refusal[JOB_LIST_REFUSAL_SIZE];
    if (query_parse(x->query, &query) != ERR_OK) {
        reply_problem(x, PROBLEM_BAD_REQUEST, SPAN("The query is too long or wrongly encoded"));
        return;
    }
    if (job_list_read(&query, &wanted, refusal) != ERR_OK) {
        reply_problem(x, PROBLEM_BAD_REQUEST, span_of(refusal));
        return;
    }
    struct span user_id = wanted.user_id;
    if (!caller_may_ask_for(&x->caller, &user_id)) {
        reply_problem(x, PROBLEM_FORBIDDEN, SPAN("userId is somebody else"));
        return;
    }
    const struct job_index_page page = {.shard = (unsigned)x->loop->config->shard,
                                        .user_id = user_id,
                                        .statuses = wanted.statuses,
                                        .after = span_of(wanted.after),
                                        .limit = wanted.limit};
    rate_charge_jobs(x, wanted.limit);
    const enum err e = start(x, &page);
    if (e != ERR_OK) {
        reply_err(x, e);
    }
}
