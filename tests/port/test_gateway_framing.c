// links: base core gateway
#include "gateway/framing.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

struct framing_case {
    const char *head;
    enum framing_fault fault;
};

static void check(const struct framing_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct framing f = framing_check(span_of(cases[i].head), true);
        cr_expect_eq(f.fault, cases[i].fault, "%d for %s", (int)f.fault, cases[i].head);
        const bool must_close = f.fault != FRAMING_OK && f.fault < FRAMING_REPEATED;
        cr_expect(f.close || !must_close, "%s", cases[i].head);
    }
}
#define CHECK(cases) check(cases, sizeof(cases) / sizeof((cases)[0]))
#define HEAD "POST /x HTTP/1.1\r\n"
#define HOST HEAD "Host: a\r\n"

Test(framing, test_framing_when_parsers_could_read_lengths_differently_then_refused)
{
    static const struct framing_case cases[] = {
        {HOST "content-length: 2\r\ncontent-length: 2\r\n\r\n", FRAMING_LENGTH},
        {HOST "content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n", FRAMING_TWO_ENDS},
        {HOST "transfer-encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", FRAMING_ENCODING},
        {HOST "transfer-encoding: gzip, chunked\r\n\r\n", FRAMING_ENCODING},
        {HOST "transfer-encoding: identity\r\n\r\n", FRAMING_ENCODING},
        {HOST "content-length: +2\r\n\r\n", FRAMING_LENGTH},
        {HOST "content-length: 02\r\n\r\n", FRAMING_LENGTH},
        {HOST "content-length: 2, 2\r\n\r\n", FRAMING_LENGTH},
        {HOST "content-length: 0x2\r\n\r\n", FRAMING_LENGTH},
        {HOST "content-length: 99999999999999999999\r\n\r\n", FRAMING_LENGTH},
        {HOST "content-length:\r\n\r\n", FRAMING_LENGTH},
        {HOST "content-length : 2\r\n\r\n", FRAMING_FIELD},
    };
    CHECK(cases);
    cr_expect_eq(
        framing_check(SPAN("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), false).fault,
        FRAMING_ENCODING);
}

Test(framing, test_framing_when_host_is_missing_double_or_no_host_then_refused)
{
    static const struct framing_case cases[] = {
        {HEAD "\r\n", FRAMING_HOST},
        {HOST "host: a\r\n\r\n", FRAMING_HOST},
        {HEAD "Host: a b\r\n\r\n", FRAMING_HOST},
        {HEAD "Host: a/b\r\n\r\n", FRAMING_HOST},
        {HEAD "Host: u@a\r\n\r\n", FRAMING_HOST},
        {HEAD "Host: \xc3\xa4\r\n\r\n", FRAMING_HOST},
        {HEAD "Host: [::1]:8080\r\n\r\n", FRAMING_OK},
        {HEAD "Host:\r\n\r\n", FRAMING_OK},
    };
    CHECK(cases);
    cr_expect_eq(framing_check(SPAN("GET / HTTP/1.0\r\n\r\n"), false).fault, FRAMING_OK);
}

Test(framing, test_framing_when_lines_are_malformed_then_refused)
{
    static const struct framing_case cases[] = {
        {HOST "x: 1\r\n content-length: 2\r\n\r\n", FRAMING_FIELD},
        {HEAD "host: a\ncontent-length: 2\r\n\r\n", FRAMING_LINE_END},
        {HOST "no colon\r\n\r\n", FRAMING_FIELD},
        {HOST ": empty\r\n\r\n", FRAMING_FIELD},
        {HOST "a(b): 1\r\n\r\n", FRAMING_FIELD},
        {"P@ST /x HTTP/1.1\r\nHost: a\r\n\r\n", FRAMING_METHOD},
    };
    CHECK(cases);
}

Test(framing, test_framing_when_a_header_of_one_value_stands_twice_then_named)
{
    static const struct framing_case cases[] = {
        {HOST "Idempotency-Key: a\r\nidempotency-key: a\r\n\r\n", FRAMING_REPEATED_KEY},
        {HOST "Content-Type: a/b\r\nContent-Type: a/b\r\n\r\n", FRAMING_REPEATED},
        {HOST "If-None-Match: \"a\"\r\nIf-None-Match: \"b\"\r\nX: 1\r\nX: 1\r\n\r\n", FRAMING_OK},
    };
    CHECK(cases);
    const struct framing f = framing_check(SPAN(HOST "Range: a\r\nRANGE: b\r\n\r\n"), true);
    cr_expect(span_eq(f.repeated, SPAN("range")));
    cr_expect_not(f.close);
}

/* A head whose target or header has `len` bytes of 'a' in place of its '*'. */
static enum framing_fault check_long(const char *format, size_t len)
{
    const char *mark = strchr(format, '*');
    const size_t before = (size_t)(mark - format);
    const size_t after = strlen(mark + 1);
    char *text = malloc(before + len + after);
    memcpy(text, format, before);
    memset(text + before, 'a', len);
    memcpy(text + before + len, mark + 1, after);
    const struct framing f = framing_check((struct span){text, before + len + after}, true);
    free(text);
    return f.fault;
}

Test(framing, test_framing_when_a_part_is_over_its_limit_then_refused_by_name)
{
    static const char target[] = "GET /* HTTP/1.1\r\nHost: a\r\n\r\n";
    static const char field[] = "GET / HTTP/1.1\r\nHost: a\r\nX: *\r\n\r\n";
    const size_t others = sizeof "Host: a\r\nX: \r\n" - 1;
    cr_expect_eq(check_long(target, FRAMING_TARGET_MAX), FRAMING_TARGET_LONG);
    cr_expect_eq(check_long(target, FRAMING_TARGET_MAX - 1), FRAMING_OK);
    cr_expect_eq(check_long(field, FRAMING_FIELDS_MAX - others + 1), FRAMING_FIELDS_LARGE);
    cr_expect_eq(check_long(field, FRAMING_FIELDS_MAX - others), FRAMING_OK);
}

Test(framing, test_framing_when_the_end_is_chunked_or_closing_is_asked_for_then_closed)
{
    cr_expect(framing_check(SPAN(HOST "Transfer-Encoding: Chunked\r\n\r\n"), true).close);
    cr_expect(framing_check(SPAN(HOST "Connection: keep-alive, Close\r\n\r\n"), true).close);
    cr_expect_not(framing_check(SPAN(HOST "Connection: keep-alive, closed\r\n\r\n"), true).close);
}

Test(framing, test_framing_when_head_is_ordinary_then_plain_whatever_follows)
{
    static const struct framing_case cases[] = {
        {HOST "\r\n", FRAMING_OK},
        {"\r\n" HOST "\r\n", FRAMING_OK},
        {HOST "Content-Length: 13\r\n\r\n{\"file_id\":1}host: b\r\n", FRAMING_OK},
        {HOST "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", FRAMING_OK},
    };
    CHECK(cases);
}
