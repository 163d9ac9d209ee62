// links: base core gateway
#include "gateway/framing.h"

#include <criterion/criterion.h>

struct framing_case {
    const char *head;
    bool plain;
};

static void check(const struct framing_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cr_expect_eq(framing_is_plain(span_of(cases[i].head), true), cases[i].plain, "%s",
                     cases[i].head);
    }
}
#define CHECK(cases) check(cases, sizeof(cases) / sizeof((cases)[0]))
#define HEAD "POST /x HTTP/1.1\r\n"

Test(framing, test_framing_when_parsers_could_read_lengths_differently_then_refused)
{
    static const struct framing_case cases[] = {
        {HEAD "host: a\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\n", false},
        {HEAD "host: a\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n", false},
        {HEAD "host: a\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n", false},
        {HEAD "host: a\r\ntransfer-encoding: gzip, chunked\r\n\r\n", false},
        {HEAD "host: a\r\ncontent-length: +2\r\n\r\n", false},
        {HEAD "host: a\r\ncontent-length: 2, 2\r\n\r\n", false},
        {HEAD "host: a\r\ncontent-length:\r\n\r\n", false},
        {HEAD "host: a\r\ncontent-length : 2\r\n\r\n", false},
    };
    CHECK(cases);
}

Test(framing, test_framing_when_host_is_missing_or_double_then_refused)
{
    static const struct framing_case cases[] = {
        {HEAD "\r\n", false},
        {HEAD "host: a\r\nHost: a\r\n\r\n", false},
    };
    CHECK(cases);
    cr_expect(framing_is_plain(SPAN("GET / HTTP/1.0\r\n\r\n"), false));
}

Test(framing, test_framing_when_lines_are_folded_or_end_bare_then_refused)
{
    static const struct framing_case cases[] = {
        {HEAD "host: a\r\nx: 1\r\n content-length: 2\r\n\r\n", false},
        {HEAD "host: a\ncontent-length: 2\r\n\r\n", false},
        {HEAD "host: a\r\nno colon\r\n\r\n", false},
        {HEAD "host: a\r\n: empty\r\n\r\n", false},
    };
    CHECK(cases);
}

Test(framing, test_framing_when_http_1_0_is_chunked_then_refused)
{
    cr_expect_not(framing_is_plain(
        SPAN("POST / HTTP/1.0\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"), false));
}

Test(framing, test_framing_when_head_is_ordinary_then_plain_whatever_follows)
{
    static const struct framing_case cases[] = {
        {HEAD "host: a\r\n\r\n", true},
        {"\r\n" HEAD "host: a\r\n\r\n", true},
        {HEAD "Host: a\r\nContent-Length: 13\r\n\r\n{\"file_id\":1}host: b\r\n", true},
        {HEAD "host: a\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", true},
    };
    CHECK(cases);
}
