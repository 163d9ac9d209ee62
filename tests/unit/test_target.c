// links: base core
#include "core/target.h"

#include <criterion/criterion.h>

static void check(const char *text, enum err expected, const char *path, const char *query)
{
    struct target t;
    cr_expect_eq(target_parse(span_of(text), &t), expected, "%s", text);
    cr_expect(span_eq(t.path, span_of(path)), "%s: path %.*s", text, SPAN_ARG(t.path));
    cr_expect(span_eq(t.query, span_of(query)), "%s: query %.*s", text, SPAN_ARG(t.query));
}

Test(target, test_target_when_it_is_another_form_then_refused)
{
    struct target t;
    static const char *const texts[] = {"",        "*",         "host:80", "v1/x", "ftp://host/x",
                                        "http://", "http:///x", "?x"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        cr_expect_eq(target_parse(span_of(texts[i]), &t), ERR_INVALID, "%s", texts[i]);
    }
}

Test(target, test_target_when_a_byte_is_no_uri_byte_then_refused_with_what_stands_before)
{
    check("/a b", ERR_INVALID, "/a", "");
    check("/a#b", ERR_INVALID, "/a", "");
    check("/a\\b", ERR_INVALID, "/a", "");
    check("/a?b=\"", ERR_INVALID, "/a", "b=");
    check("/\xc3\xa4", ERR_INVALID, "/", "");
    check("/\x7f", ERR_INVALID, "/", "");
    check("/a|b", ERR_INVALID, "/a", "");
    struct target t;
    cr_expect_eq(target_parse(SPAN("/a\0b"), &t), ERR_INVALID);
}

Test(target, test_target_when_percent_lacks_its_digits_then_refused)
{
    check("/a%", ERR_INVALID, "/a", "");
    check("/a%4", ERR_INVALID, "/a", "");
    check("/a%4g", ERR_INVALID, "/a", "");
    check("/a?%%41", ERR_INVALID, "/a", "");
}

Test(target, test_target_when_it_is_valid_then_cut_and_nothing_else)
{
    check("/", ERR_OK, "/", "");
    check("//a/../%2F", ERR_OK, "//a/../%2F", "");
    check("/a?", ERR_OK, "/a", "");
    check("/a?b=1?c", ERR_OK, "/a", "b=1?c");
    check("http://other", ERR_OK, "/", "");
    check("http://other?x=1", ERR_OK, "/", "x=1");
    check("HTTPS://other:1/a/b?c", ERR_OK, "/a/b", "c");
}
