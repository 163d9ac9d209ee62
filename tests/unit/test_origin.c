// links: base core
#include "core/origin.h"

#include <criterion/criterion.h>

Test(origin, test_list_when_item_is_no_origin_then_refused_and_named)
{
    static const char *const bad[] = {"*",
                                      "null",
                                      "a.example",
                                      "https://",
                                      "https://a.example/",
                                      "https://a.example/path",
                                      "https://A.example",
                                      "HTTPS://a.example",
                                      "https://a.example:443",
                                      "http://a.example:80",
                                      "https://a.example:0",
                                      "https://a.example:70000",
                                      "https://a.example:x",
                                      "https://*.example",
                                      "https://u@a.example",
                                      "https://a.example?x",
                                      "ftp://a.example",
                                      "https://[::1",
                                      "https://[x]",
                                      "https://a b"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct origin_list list;
        struct span item;
        cr_expect_eq(origin_list_parse(span_of(bad[i]), &list, &item), ERR_INVALID, "%s", bad[i]);
        cr_expect(span_eq(item, span_of(bad[i])), "%s", bad[i]);
    }
    struct origin_list list;
    struct span item;
    cr_expect_eq(origin_list_parse(SPAN("https://a.example,,http://b"), &list, &item), ERR_INVALID);
}

Test(origin, test_listed_when_not_the_same_bytes_then_false)
{
    struct origin_list list;
    struct span bad;
    cr_assert_eq(
        origin_list_parse(SPAN("https://a.example, http://localhost:5173,https://[::1]:8443"),
                          &list, &bad),
        ERR_OK);
    cr_expect_eq(list.count, 3);
    static const char *const strangers[] = {"",
                                            "null",
                                            "https://a.example.evil.test",
                                            "https://xa.example",
                                            "http://a.example",
                                            "https://A.example",
                                            "https://a.example/",
                                            "http://localhost",
                                            "https://a.example:444"};
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++) {
        cr_expect_not(origin_listed(&list, span_of(strangers[i])), "%s", strangers[i]);
    }
    cr_expect(origin_listed(&list, SPAN("https://a.example")));
    cr_expect(origin_listed(&list, SPAN("http://localhost:5173")));
    cr_expect(origin_listed(&list, SPAN("https://[::1]:8443")));
}

Test(origin, test_list_when_empty_then_nobody_is_listed)
{
    struct origin_list list;
    struct span bad;
    cr_expect_eq(origin_list_parse(SPAN(""), &list, &bad), ERR_OK);
    cr_expect_not(origin_listed(&list, SPAN("")));
    cr_expect_not(origin_listed(&list, SPAN("https://a.example")));
}
