// links: base core
#include "core/precondition.h"

#include <criterion/criterion.h>

#define DAY "Sun, 06 Nov 1994 08:49:37 GMT" /* 784111777 */
#define DAY_S INT64_C(784111777)

static void check(struct precondition_request r, enum precondition expected, const char *what)
{
    r.etag = SPAN("\"a.1\"");
    cr_expect_eq(precondition_decide(&r), expected, "%s", what);
}
#define CHECK(expected, ...)                                                                       \
    check((struct precondition_request){.last_modified_s = DAY_S, __VA_ARGS__}, expected,          \
          #__VA_ARGS__)

Test(precondition, test_precondition_when_another_version_is_meant_then_fails)
{
    CHECK(PRECONDITION_FAILS, .if_match = SPAN("\"b\""));
    CHECK(PRECONDITION_FAILS, .if_match = SPAN("W/\"a.1\""));
    CHECK(PRECONDITION_FAILS, .if_match = SPAN("\"b\", \"c\""));
    CHECK(PRECONDITION_FAILS, .if_match = SPAN("a.1"));
    CHECK(PRECONDITION_FAILS, .if_match = SPAN("\"b\""), .if_none_match = SPAN("\"a.1\""));
    CHECK(PRECONDITION_FAILS, .if_unmodified_since = SPAN("Sun, 06 Nov 1994 08:49:36 GMT"));
    CHECK(PRECONDITION_FAILS, .if_unmodified_since = SPAN("Sunday, 06-Nov-94 08:49:36 GMT"));
    CHECK(PRECONDITION_FAILS, .if_unmodified_since = SPAN("Sun Nov  6 08:49:36 1994"));
}

Test(precondition, test_precondition_when_this_version_is_meant_then_met)
{
    CHECK(PRECONDITION_MET, .if_match = SPAN("\"b\" , \"a.1\""));
    CHECK(PRECONDITION_MET, .if_match = SPAN("*"));
    CHECK(PRECONDITION_MET, .if_unmodified_since = SPAN(DAY));
    /* If-Match goes before dates */
    CHECK(PRECONDITION_MET, .if_match = SPAN("\"a.1\""),
          .if_unmodified_since = SPAN("Sun, 06 Nov 1994 08:49:36 GMT"));
    CHECK(PRECONDITION_MET, .if_none_match = SPAN("\"b\""), .if_modified_since = SPAN(DAY));
}

Test(precondition, test_precondition_when_the_client_has_it_then_not_modified)
{
    CHECK(PRECONDITION_NOT_MODIFIED, .if_none_match = SPAN("W/\"a.1\""));
    CHECK(PRECONDITION_NOT_MODIFIED, .if_none_match = SPAN("*"));
    CHECK(PRECONDITION_NOT_MODIFIED, .if_modified_since = SPAN(DAY));
    CHECK(PRECONDITION_MET, .if_modified_since = SPAN("Sun, 06 Nov 1994 08:49:36 GMT"));
}

Test(precondition, test_precondition_when_a_date_is_none_then_it_is_ignored)
{
    static const char *const dates[] = {"",
                                        "yesterday",
                                        DAY " ",
                                        "Sun, 06 Nov 1994 08:49:37",
                                        "Sun, 36 Nov 1994 08:49:37 GMT",
                                        "784111777"};
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        CHECK(PRECONDITION_MET, .if_unmodified_since = span_of(dates[i]),
              .if_modified_since = span_of(dates[i]));
    }
    check(
        (struct precondition_request){.last_modified_s = -1,
                                      .if_unmodified_since = SPAN("Sun, 06 Nov 1994 08:49:36 GMT")},
        PRECONDITION_MET, "a file without a date");
}
