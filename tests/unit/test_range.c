// links: base core
#include "core/range.h"

#include <criterion/criterion.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define SIZE 1000

static struct range decide(const char *range, uint64_t size)
{
    const struct range_request r = {.range = span_of(range), .last_modified_s = -1};
    return range_decide(&r, size);
}

static void check_part(const char *range, uint64_t first, uint64_t len)
{
    const struct range r = decide(range, SIZE);
    cr_assert_eq(r.kind, RANGE_PART, "%s", range);
    cr_assert_eq(r.first_byte, first, "%s", range);
    cr_assert_eq(r.len_bytes, len, "%s", range);
}

Test(range, test_decide_when_malformed_or_several_then_the_whole_file)
{
    static const char *const whole[] = {
        "",           "bytes",       "bytes=",      "bytes=-",       "bytes=a-b",   "bytes=5-4",
        "bytes=1",    "bytes=1-2-3", "bytes=--1",   "bytes=1--2",    "bytes=+1-2",  "bytes=0-0,2-3",
        "bytes=0-0,", "bytes=,0-0",  "items=0-1",   "bytes 0-1",     "bytes:0-1",   "0-1",
        "=0-1",       "bytes=1 -2",  "bytes= 1- 2", "bytes=0x1-2",   "bytes=1.5-2", "bytes=-1-",
        "bytes =0-1", "bytes=2-1",   "bytes=-a",    "bytes=1000-999"};
    for (size_t i = 0; i < COUNT(whole); i++) {
        const struct range r = decide(whole[i], SIZE);
        cr_assert_eq(r.kind, RANGE_WHOLE, "%s", whole[i]);
        cr_assert_eq(r.first_byte, 0);
        cr_assert_eq(r.len_bytes, SIZE);
    }
    const struct range_request none = {.last_modified_s = -1};
    cr_assert_eq(range_decide(&none, SIZE).kind, RANGE_WHOLE);
}

Test(range, test_decide_when_outside_of_the_file_then_unsatisfiable)
{
    static const char *const outside[] = {"bytes=1000-",
                                          "bytes=1000-1000",
                                          "bytes=-0",
                                          "bytes=18446744073709551615-",
                                          "bytes=99999999999999999999999-",
                                          "bytes=-000",
                                          "bytes=99999999999999999999999-99999999999999999999999"};
    for (size_t i = 0; i < COUNT(outside); i++) {
        cr_assert_eq(decide(outside[i], SIZE).kind, RANGE_UNSATISFIABLE, "%s", outside[i]);
    }
    cr_assert_eq(decide("bytes=0-", 0).kind, RANGE_UNSATISFIABLE);
    cr_assert_eq(decide("bytes=0-0", 0).kind, RANGE_UNSATISFIABLE);
    cr_assert_eq(decide("bytes=-5", 0).kind, RANGE_WHOLE);
}

Test(range, test_decide_when_inside_of_the_file_then_that_part)
{
    check_part("bytes=0-0", 0, 1);
    check_part("bytes=0-", 0, 1000);
    check_part("bytes=0-999", 0, 1000);
    check_part("bytes=999-", 999, 1);
    check_part("bytes=1-1", 1, 1);
    check_part("bytes=500-100000", 500, 500);
    check_part("bytes=500-99999999999999999999999", 500, 500);
    check_part("bytes=-1", 999, 1);
    check_part("bytes=-1000", 0, 1000);
    check_part("bytes=-5000", 0, 1000);
    check_part("bytes=-99999999999999999999999", 0, 1000);
    check_part("BYTES=007-9", 7, 3);
    check_part("  bytes=2-3 ", 2, 2);
    check_part("bytes= 2-3", 2, 2);
}

Test(range, test_decide_when_the_file_is_as_large_as_can_be_then_no_overflow)
{
    const struct range r = decide("bytes=0-18446744073709551615", UINT64_MAX);
    cr_assert_eq(r.kind, RANGE_PART);
    cr_assert_eq(r.len_bytes, UINT64_MAX);
    cr_assert_eq(decide("bytes=-18446744073709551615", UINT64_MAX).first_byte, 0);
}

static enum range_kind kind_if(const char *if_range, int64_t last_modified_s)
{
    const struct range_request r = {.range = SPAN("bytes=0-1"),
                                    .if_range = span_of(if_range),
                                    .etag = SPAN("\"k.1\""),
                                    .last_modified_s = last_modified_s};
    return range_decide(&r, SIZE).kind;
}

Test(range, test_decide_when_if_range_does_not_match_then_the_whole_file)
{
    static const char *const others[] = {"\"k.2\"",
                                         "W/\"k.1\"",
                                         "k.1",
                                         "\"k.1",
                                         "*",
                                         "Sun, 06 Nov 1994 08:49:36 GMT",
                                         "Sun, 06 Nov 1994",
                                         "Sunday, 06-Nov-94 08:49:37 GMT",
                                         "784111777",
                                         "\"k.1\", \"k.2\""};
    for (size_t i = 0; i < COUNT(others); i++) {
        cr_assert_eq(kind_if(others[i], 784111777), RANGE_WHOLE, "%s", others[i]);
    }
    cr_assert_eq(kind_if("Sun, 06 Nov 1994 08:49:37 GMT", -1), RANGE_WHOLE);
}

Test(range, test_decide_when_if_range_matches_then_the_part)
{
    cr_assert_eq(kind_if("", -1), RANGE_PART);
    cr_assert_eq(kind_if("\"k.1\"", -1), RANGE_PART);
    cr_assert_eq(kind_if(" \"k.1\" ", -1), RANGE_PART);
    cr_assert_eq(kind_if("Sun, 06 Nov 1994 08:49:37 GMT", 784111777), RANGE_PART);
}

Test(range, test_decide_when_if_range_does_not_match_then_an_unsatisfiable_range_is_the_whole_too)
{
    const struct range_request r = {.range = SPAN("bytes=5000-"),
                                    .if_range = SPAN("\"x\""),
                                    .etag = SPAN("\"k.1\""),
                                    .last_modified_s = -1};
    cr_assert_eq(range_decide(&r, SIZE).kind, RANGE_WHOLE);
}

static void check_content_range(const char *range, const char *want)
{
    struct buf b;
    buf_init(&b, 128);
    const struct range r = decide(range, SIZE);
    range_content_range(&r, SIZE, &b);
    cr_assert(span_eq(buf_as_span(&b), span_of(want)), "%.*s", (int)b.len, b.data);
    buf_clear(&b);
}

Test(range, test_content_range_when_part_or_unsatisfiable_then_as_the_rfc_writes_it)
{
    check_content_range("bytes=0-499", "bytes 0-499/1000");
    check_content_range("bytes=-1", "bytes 999-999/1000");
    check_content_range("bytes=1000-", "bytes */1000");
}

Test(range, test_http_date_when_known_moments_then_their_text)
{
    static const struct {
        int64_t at_s;
        const char *text;
    } known[] = {
        {-5, "Thu, 01 Jan 1970 00:00:00 GMT"},
        {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
        {784111777, "Sun, 06 Nov 1994 08:49:37 GMT"},
        {951782400, "Tue, 29 Feb 2000 00:00:00 GMT"},
        {951868799, "Tue, 29 Feb 2000 23:59:59 GMT"},
        {951868800, "Wed, 01 Mar 2000 00:00:00 GMT"},
        {1767225599, "Wed, 31 Dec 2025 23:59:59 GMT"},
        {4107542400, "Mon, 01 Mar 2100 00:00:00 GMT"},
        {253402300799, "Fri, 31 Dec 9999 23:59:59 GMT"},
        {INT64_MAX, "Fri, 31 Dec 9999 23:59:59 GMT"},
    };
    for (size_t i = 0; i < COUNT(known); i++) {
        char out[HTTP_DATE_SIZE];
        cr_assert(span_eq(http_date(known[i].at_s, out), span_of(known[i].text)), "%s, not %s", out,
                  known[i].text);
    }
}
