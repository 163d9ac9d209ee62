// links: base core
#include "core/accept.h"

#include <criterion/criterion.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

Test(accept, test_prefers_html_when_json_is_as_good_then_false)
{
    static const char *const headers[] = {"",
                                          " ",
                                          "*/*",
                                          "application/json",
                                          "application/json, text/html",
                                          "text/html;q=0.5,*/*;q=0.5",
                                          "text/html;q=0",
                                          "text/html;q=0.3, application/json;q=0.4",
                                          "application/*, text/*",
                                          "text/plain",
                                          "image/png,*/*;q=0.1",
                                          "text/html;q=x",
                                          "text/html;q=2",
                                          "text/html;q=-1",
                                          "text/html;q=0.0000",
                                          "text/html;q=1.1",
                                          "text/html;q=",
                                          "texthtml",
                                          ",,,",
                                          "text/html/x",
                                          "text/htm",
                                          "*/html",
                                          "\"text/html\"",
                                          "x;p=\",text/html\""};
    for (size_t i = 0; i < COUNT(headers); i++) {
        cr_assert_not(accept_prefers_html(span_of(headers[i])), "%s", headers[i]);
    }
    cr_assert_not(accept_prefers_html((struct span){0}));
}

Test(accept, test_prefers_html_when_it_is_better_then_true)
{
    static const char *const headers[] = {
        "text/html",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
        "TEXT/HTML",
        "application/json;q=0.5, text/html",
        "text/html;q=0.001",
        "text/*",
        "text/html , */* ; q=0.8",
        "text/html;charset=utf-8",
        "text/html;level=1;q=0.7, application/json;q=0.6",
        "application/json;Q=0, */*",
        "text/html;q=1.000, application/json;q=0.999",
        "x;p=\"a\\\",b\", text/html",
    };
    for (size_t i = 0; i < COUNT(headers); i++) {
        cr_assert(accept_prefers_html(span_of(headers[i])), "%s", headers[i]);
    }
}

Test(accept, test_quality_when_ranges_overlap_then_the_most_specific_counts)
{
    const struct span header = SPAN("*/*;q=0.1, text/*;q=0.3, text/html;q=0.7, image/png;q=0");
    cr_assert_eq(accept_quality(header, SPAN("text/html")), 700);
    cr_assert_eq(accept_quality(header, SPAN("text/plain")), 300);
    cr_assert_eq(accept_quality(header, SPAN("application/json")), 100);
    cr_assert_eq(accept_quality(header, SPAN("image/png")), 0);
    cr_assert_eq(accept_quality(SPAN(""), SPAN("a/b")), ACCEPT_QUALITY_MAX);
    cr_assert_eq(accept_quality(SPAN("text/html;q=0.125"), SPAN("text/html")), 125);
}

static enum err form(const char *query, const char *accept, enum result_form *out)
{
    static struct query q;
    cr_assert_eq(query_parse(span_of(query), &q), ERR_OK);
    return result_form(&q, span_of(accept), out);
}

Test(accept, test_result_form_when_redirect_is_not_0_or_1_then_invalid)
{
    static const char *const bad[] = {"redirect=",
                                      "redirect",
                                      "redirect=2",
                                      "redirect=true",
                                      "redirect=01",
                                      "redirect=0&redirect=1",
                                      "redirect=1&redirect=1"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        enum result_form f;
        cr_assert_eq(form(bad[i], "", &f), ERR_INVALID, "%s", bad[i]);
    }
}

Test(accept, test_result_form_when_redirect_is_given_then_it_wins_over_accept)
{
    enum result_form f;
    cr_assert_eq(form("redirect=1", "application/json", &f), ERR_OK);
    cr_assert_eq(f, RESULT_FORM_REDIRECT);
    cr_assert_eq(form("redirect=0", "text/html", &f), ERR_OK);
    cr_assert_eq(f, RESULT_FORM_JSON);
}

Test(accept, test_result_form_when_redirect_is_absent_then_accept_decides)
{
    enum result_form f;
    cr_assert_eq(form("", "text/html", &f), ERR_OK);
    cr_assert_eq(f, RESULT_FORM_REDIRECT);
    cr_assert_eq(form("x=1", "*/*", &f), ERR_OK);
    cr_assert_eq(f, RESULT_FORM_JSON);
    cr_assert_eq(form("", "", &f), ERR_OK);
    cr_assert_eq(f, RESULT_FORM_JSON);
}

Test(accept, test_coding_when_not_named_or_refused_then_zero)
{
    static const char *const headers[] = {
        "",       " ",      "br",       "gzip;q=0",   "gzip;q=0.000, *;q=1",
        "x-gzip", "*;q=0",  "identity", "gzip;q=2",   "gzip;q=x",
        "gz ip",  ",,;q=1", "gzip/*",   "deflate, br"};
    for (size_t i = 0; i < COUNT(headers); i++) {
        cr_expect_eq(accept_coding_quality(span_of(headers[i]), SPAN("gzip")), 0, "%s", headers[i]);
    }
}

Test(accept, test_coding_when_named_or_any_then_its_quality)
{
    static const struct {
        const char *header;
        int quality;
    } cases[] = {
        {"gzip", 1000},
        {"GZip", 1000},
        {"gzip, deflate, br", 1000},
        {"br;q=1,gzip;q=0.2", 200},
        {"*", 1000},
        {"*;q=0.5", 500},
        {"*;q=0, gzip", 1000},
        {" gzip ; q=0.7 ", 700},
        {"identity;q=0, gzip;q=0.001", 1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        cr_expect_eq(accept_coding_quality(span_of(cases[i].header), SPAN("gzip")),
                     cases[i].quality, "%s", cases[i].header);
    }
}
