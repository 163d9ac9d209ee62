// links: base core
#include "core/etag.h"

#include <criterion/criterion.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

Test(etag, test_none_match_when_the_tag_is_not_in_the_list_then_false)
{
    static const char *const others[] = {
        "",        " ",           "\"8\"",     "W/\"8\"",        "7",      "W/7",
        "w/\"7\"", "\"7",         "7\"",       "\"77\"",         "\"\"",   "W/",
        "**",      "\"*\"",       "* , \"8\"", "\"8\", W/\"9\"", "x\"7\"", "\"8\" x \"7\"",
        ",,,",     "\"a,\"7\"b\""};
    for (size_t i = 0; i < COUNT(others); i++) {
        cr_assert_not(etag_none_match_has(span_of(others[i]), SPAN("W/\"7\"")), "%s", others[i]);
    }
    cr_assert_not(etag_none_match_has((struct span){0}, SPAN("\"7\"")));
}

Test(etag, test_none_match_when_the_tag_is_there_then_true_weak_or_not)
{
    static const char *const same[] = {"W/\"7\"",   "\"7\"",         "*",
                                       " * ",       "\"6\",\"7\"",   "\"6\" , W/\"7\" ,\"8\"",
                                       ",,\t\"7\"", "\"a,b\",\"7\"", "W/\"\",\"7\""};
    for (size_t i = 0; i < COUNT(same); i++) {
        cr_assert(etag_none_match_has(span_of(same[i]), SPAN("W/\"7\"")), "%s", same[i]);
        cr_assert(etag_none_match_has(span_of(same[i]), SPAN("\"7\"")), "%s", same[i]);
    }
}

Test(etag, test_none_match_when_windows_differ_then_false)
{
    cr_assert_not(etag_none_match_has(SPAN("W/\"7\""), SPAN("W/\"7.1\"")));
    cr_assert(etag_none_match_has(SPAN("W/\"7.1\""), SPAN("W/\"7.1\"")));
}

Test(etag, test_strong_eq_when_weak_or_no_tag_then_false)
{
    cr_assert_not(etag_strong_eq(SPAN("W/\"1\""), SPAN("W/\"1\"")));
    cr_assert_not(etag_strong_eq(SPAN("W/\"1\""), SPAN("\"1\"")));
    cr_assert_not(etag_strong_eq(SPAN("\"1\""), SPAN("\"2\"")));
    cr_assert_not(etag_strong_eq(SPAN("1"), SPAN("1")));
    cr_assert_not(etag_strong_eq(SPAN("\""), SPAN("\"")));
    cr_assert_not(etag_strong_eq(SPAN(""), SPAN("")));
    cr_assert(etag_strong_eq(SPAN("\"1\""), SPAN("\"1\"")));
}
