// links: base core cli jansson
#include "cli/api.h"
#include "cli/http_head.h"
#include "cli/sse_reader.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Events as text: name|data|id; */
struct log {
    char text[2048];
    size_t len;
    int left; /* events until `take` says stop; negative: never */
};

static bool take(void *self, const struct sse_event *e)
{
    struct log *log = self;
    log->len +=
        (size_t)snprintf(log->text + log->len, sizeof log->text - log->len, "%.*s|%.*s|%.*s;",
                         SPAN_ARG(e->name), SPAN_ARG(e->data), SPAN_ARG(e->id));
    return --log->left != 0;
}

/* Fed in pieces of each size, the events must be the same. */
static void check(struct span stream, const char *want)
{
    for (size_t piece = 1; piece <= stream.len; piece++) {
        struct sse_reader r;
        struct log log = {.left = -1};
        sse_reader_init(&r, take, &log);
        for (size_t at = 0; at < stream.len; at += piece) {
            const size_t left = stream.len - at;
            const struct span part = {stream.ptr + at, left < piece ? left : piece};
            cr_assert_eq(sse_reader_feed(&r, part), ERR_OK);
        }
        cr_assert_str_eq(log.text, want, "pieces of %zu: %s", piece, log.text);
        sse_reader_clear(&r);
    }
}

Test(cli_sse, test_feed_when_no_block_ends_then_no_event)
{
    check(SPAN("data: cut off\n"), "");
    check(SPAN("data: cut off"), "");
    check(SPAN(": heartbeat\n\n"), "");
    check(SPAN("event: status\nid: 4\n\n"), "");
    check(SPAN("nonsense\n\n\n\n"), "");
}

Test(cli_sse, test_feed_when_an_event_is_too_large_then_refused)
{
    static char line[SSE_EVENT_BYTES_MAX + 16];
    struct sse_reader r;
    struct log log = {.left = -1};
    memset(line, 'x', sizeof line);
    sse_reader_init(&r, take, &log);
    cr_assert_eq(sse_reader_feed(&r, (struct span){line, sizeof line}), ERR_TOO_LARGE);
    sse_reader_clear(&r);
}

Test(cli_sse, test_feed_when_the_taker_stops_then_closed)
{
    struct sse_reader r;
    struct log log = {.left = 1};
    sse_reader_init(&r, take, &log);
    cr_assert_eq(sse_reader_feed(&r, SPAN("data: 1\n\ndata: 2\n\n")), ERR_CLOSED);
    cr_assert_str_eq(log.text, "message|1|;");
    sse_reader_clear(&r);
}

Test(cli_sse, test_feed_when_lines_end_in_any_way_then_the_same)
{
    check(SPAN("event: a\ndata: 1\n\n"), "a|1|;");
    check(SPAN("event: a\r\ndata: 1\r\n\r\n"), "a|1|;");
    check(SPAN("event: a\rdata: 1\r\r"), "a|1|;");
}

Test(cli_sse, test_feed_when_fields_are_odd_then_as_the_standard_says)
{
    check(SPAN("data\n\n"), "message||;");
    check(SPAN("data:a\ndata:  b\n\n"), "message|a\n b|;");
    check(SPAN("Data: no\ndata: yes\n\n"), "message|yes|;");
    check(SPAN("\xEF\xBB\xBF"
               "data: bom\n\n"),
          "message|bom|;");
    check(SPAN("id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n"),
          "message|a|1;message|b|1;message|c|;");
    check(SPAN("id: 7\0x\ndata: nul\n\n"), "message|nul|;");
}

Test(cli_sse, test_retry_when_it_is_no_number_then_ignored)
{
    struct sse_reader r;
    struct log log = {.left = -1};
    sse_reader_init(&r, take, &log);
    cr_assert_eq(sse_reader_feed(&r, SPAN("retry: 3s\nretry: -1\nretry: 99999999999\n\n")), ERR_OK);
    cr_assert_eq(r.retry_ms, -1);
    cr_assert_eq(sse_reader_feed(&r, SPAN("retry: 3000\n\n")), ERR_OK);
    cr_assert_eq(r.retry_ms, 3000);
    sse_reader_clear(&r);
}

/* ---- the head of an answer */

Test(cli_sse, test_head_when_a_second_answer_begins_then_the_first_is_forgotten)
{
    struct http_head h = {.status = 0};
    http_head_line(&h, SPAN("HTTP/1.1 302 Found\r\n"));
    http_head_line(&h, SPAN("ETag: \"old\"\r\n"));
    http_head_line(&h, SPAN("HTTP/1.1 200 OK\r\n"));
    http_head_line(&h, SPAN("content-type: text/plain\r\n"));
    http_head_line(&h, SPAN("\r\n"));
    cr_assert_str_eq(h.etag, "");
    cr_assert_str_eq(h.content_type, "text/plain");
}

Test(cli_sse, test_head_when_a_value_is_too_long_then_as_if_absent)
{
    char line[400];
    struct http_head h = {.status = 0};
    (void)snprintf(line, sizeof line, "ETag: \"%0300d\"\r\n", 1);
    http_head_line(&h, span_of(line));
    cr_assert_str_eq(h.etag, "");
}

/* ---- problems */

Test(cli_sse, test_problem_when_members_are_missing_then_what_is_known)
{
    static const struct {
        const char *json, *want;
    } cases[] = {
        {NULL, "HTTP 502: the server gave no reason"},
        {"[]", "HTTP 502: the server gave no reason"},
        {"{\"code\":5,\"title\":\"Bad\"}", "HTTP 502: Bad"},
        {"{\"code\":\"NOT_READY\",\"detail\":\"Wait.\",\"requestId\":\"r1\"}",
         "NOT_READY: Wait. (r1)"},
        {"{\"code\":\"V\",\"detail\":\"d\",\"pointer\":\"/options\"}", "V: d [/options]"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out;
        json_t *json = cases[i].json != NULL ? json_loads(cases[i].json, 0, NULL) : NULL;
        buf_init(&out, 1024);
        api_problem_text(502, json, &out);
        cr_assert_eq(buf_char(&out, '\0'), ERR_OK);
        cr_assert_str_eq(out.data, cases[i].want);
        buf_clear(&out);
        json_decref(json);
    }
}
