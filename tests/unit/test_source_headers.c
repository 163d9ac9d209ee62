// links: base core
#include "core/source_headers.h"

#include <criterion/criterion.h>

Test(source_headers, refuses_ranges_that_prove_nothing)
{
    static const char *const BAD[] = {"",
                                      "bytes",
                                      "bytes 1-2",
                                      "bytes */10",
                                      "bytes 5-4/10",
                                      "bytes 0-10/10",
                                      "items 0-1/2",
                                      "bytes -1-2/3",
                                      "bytes 1-2/x",
                                      "bytes 01-2/10",
                                      "bytes 0-1/2 ",
                                      "bytes 0-18446744073709551616/1"};
    struct content_range r;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        cr_assert_neq(source_content_range_parse(span_of(BAD[i]), &r), ERR_OK, "%s", BAD[i]);
    }
}

Test(source_headers, reads_a_range_with_and_without_a_total)
{
    struct content_range r;
    cr_assert_eq(source_content_range_parse(SPAN("bytes 5-9/10"), &r), ERR_OK);
    cr_assert(r.first == 5 && r.last == 9 && r.total == 10);
    cr_assert_eq(source_content_range_parse(SPAN("Bytes 0-0/*"), &r), ERR_OK);
    cr_assert(r.first == 0 && r.last == 0 && r.total == -1);
}

Test(source_headers, trusts_only_strong_etags)
{
    static const char *const WEAK[] = {"", "\"", "x", "W/\"x\"", "\"a\"b\"", "\"a b\"", "\"a\n\""};
    for (size_t i = 0; i < sizeof WEAK / sizeof WEAK[0]; i++) {
        cr_assert_not(source_etag_strong(span_of(WEAK[i])), "%s", WEAK[i]);
    }
    cr_assert(source_etag_strong(SPAN("\"\"")));
    cr_assert(source_etag_strong(SPAN("\"5f-abc\"")));
}

Test(source_headers, splits_a_line_at_its_first_colon)
{
    struct span name, value;
    cr_assert(source_header_split(SPAN("ETag:  \"a:b\" \r\n"), &name, &value));
    cr_assert(span_eq(name, SPAN("ETag")));
    cr_assert(span_eq(value, SPAN("\"a:b\"")));
    cr_assert_not(source_header_split(SPAN("HTTP/1.1 200 OK\r\n"), &name, &value));
    cr_assert_not(source_header_split(SPAN(": x\r\n"), &name, &value));
    cr_assert_not(source_header_split(SPAN("\r\n"), &name, &value));
}
