// links: base core gateway
#include "gateway/request_ids.h"
#include "gateway/routes.h"

#include <criterion/criterion.h>
#include <string.h>

#define ID "000abcdefgh0123456789abcdef"

static struct route_match find(const char *method, const char *path)
{
    return routes_find(span_of(method), span_of(path));
}

Test(routes, test_routes_when_path_is_unknown_or_reserved_then_not_found)
{
    static const char *const paths[] = {
        "/",
        "/v1/download",
        "/v1/download/",
        "/v1/download/status",
        "/readyz",
        "/metrics",
        "/v1/download/files",
        "/v1/download/files/",
        "/v1/download/status/" ID "/x",
        "/v1/download/" ID "/",
        "/v1/download/" ID "/histor",
        "/v1/download/" ID "/history/",
        "/v1/download/" ID "/history/x",
        "/v1/download//history",
    };
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        cr_expect_eq(find("GET", paths[i]).found, ROUTE_UNKNOWN, "%s", paths[i]);
    }
}

Test(routes, test_routes_when_segment_is_no_job_id_then_bad_id)
{
    cr_expect_eq(find("GET", "/v1/download/status/nope").found, ROUTE_BAD_ID);
    cr_expect_eq(find("GET", "/v1/download/nope").found, ROUTE_BAD_ID);
    cr_expect_eq(find("POST", "/v1/download/cancel/" ID "x").found, ROUTE_BAD_ID);
    cr_expect_eq(find("GET", "/v1/download/nope/history").found, ROUTE_BAD_ID);
    cr_expect_eq(find("GET", "/v1/download/jobs/history").found, ROUTE_BAD_ID);
}

Test(routes, test_routes_when_method_is_wrong_then_allow_names_the_right_ones)
{
    cr_expect_str_eq(find("GET", "/v1/download/initiate").allow, "POST, OPTIONS");
    cr_expect_str_eq(find("POST", "/v1/download/status/" ID).allow, "GET, HEAD, OPTIONS");
    cr_expect_str_eq(find("PUT", "/v1/download/" ID).allow, "GET, HEAD, DELETE, OPTIONS");
    cr_expect_str_eq(find("get", "/v1/download/" ID).allow, "GET, HEAD, DELETE, OPTIONS");
    cr_expect_str_eq(find("POST", "/v1/download/jobs").allow, "GET, HEAD, OPTIONS");
    cr_expect_str_eq(find("DELETE", "/v1/download/subscribe").allow, "GET, HEAD, OPTIONS");
    cr_expect_str_eq(find("GET", "/v1/download/start").allow, "POST, OPTIONS");
    cr_expect_str_eq(find("GET", "/v1/download/tickets").allow, "POST, OPTIONS");
    cr_expect_str_eq(find("DELETE", "/v1/download/" ID "/history").allow, "GET, HEAD, OPTIONS");
}

Test(routes, test_routes_when_name_is_literal_then_it_wins_over_job_id)
{
    const struct route_match m = find("DELETE", "/v1/download/initiate");
    cr_expect_eq(m.found, ROUTE_BAD_METHOD);
    cr_expect_str_eq(m.allow, "POST, OPTIONS");
}

Test(routes, test_routes_when_path_matches_then_route_and_parameter)
{
    const struct route_match m = find("HEAD", "/v1/download/" ID);
    cr_assert_eq(m.found, ROUTE_FOUND);
    cr_expect_eq(m.route->counted, COUNTED_RESULT);
    cr_expect(span_eq(m.param, SPAN(ID)));
    cr_expect_eq(find("DELETE", "/v1/download/" ID).route->counted, COUNTED_REMOVE);
    cr_expect_eq(find("GET", "/v1/download/files/a.1/b c").route->counted, COUNTED_FILES);
    const struct route_match history = find("GET", "/v1/download/" ID "/history");
    cr_assert_eq(history.found, ROUTE_FOUND);
    cr_expect_eq(history.route->counted, COUNTED_HISTORY);
    cr_expect(span_eq(history.param, SPAN(ID)));
    cr_expect_eq(find("GET", "/v1/download/subscribe").route->counted, COUNTED_SUBSCRIBE_MANY);
    cr_expect_eq(find("GET", "/v1/download/subscribe/" ID).route->counted, COUNTED_SUBSCRIBE);
}

Test(request_ids, test_request_id_when_short_and_plain_then_valid)
{
    static char longest[REQUEST_ID_MAX + 1];
    memset(longest, 'a', sizeof longest);
    cr_expect_not(request_id_valid(SPAN("")));
    cr_expect_not(request_id_valid(SPAN("a b")));
    cr_expect_not(request_id_valid(SPAN("a\r\nx: y")));
    cr_expect_not(request_id_valid((struct span){longest, REQUEST_ID_MAX + 1}));
    cr_expect(request_id_valid((struct span){longest, REQUEST_ID_MAX}));
    cr_expect(request_id_valid(SPAN("Abc-1_2.3")));
}
