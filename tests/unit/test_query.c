// links: base core
#include "core/query.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct query q;

static enum err parse(const char *text)
{
    return query_parse(span_of(text), &q);
}

Test(query, test_query_parse_when_encoding_is_broken_then_invalid_and_empty)
{
    static const char *const bad[] = {"a=%",   "a=%zz",   "%=1",          "a=1&b=%4",
                                      "a=%00", "a=b%0Ac", "a=\x01",       "\x7f=1",
                                      "a=%FF", "a=\xff",  "x=1&a=%C0%80", "a=%ED%A0%80"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        cr_assert_eq(parse(bad[i]), ERR_INVALID, "%s", bad[i]);
        cr_assert_eq(q.count, 0);
    }
}

Test(query, test_query_parse_when_over_a_limit_then_too_large_and_empty)
{
    static char text[QUERY_BYTES_MAX + 2];
    memset(text, 'a', QUERY_BYTES_MAX + 1);
    cr_assert_eq(parse(text), ERR_TOO_LARGE);
    text[QUERY_BYTES_MAX] = '\0';
    cr_assert_eq(parse(text), ERR_OK);
    char many[2 * QUERY_PAIRS_MAX + 3] = "";
    for (size_t i = 0; i < QUERY_PAIRS_MAX + 1; i++) {
        memcpy(many + 2 * i, "a&", 2);
    }
    cr_assert_eq(query_parse((struct span){many, 2 * QUERY_PAIRS_MAX + 2}, &q), ERR_TOO_LARGE);
    cr_assert_eq(q.count, 0);
    cr_assert_eq(query_parse((struct span){many, 2 * QUERY_PAIRS_MAX}, &q), ERR_OK);
    cr_assert_eq(q.count, QUERY_PAIRS_MAX);
}

Test(query, test_query_get_when_absent_or_double_then_it_says_so)
{
    struct span v;
    cr_assert_eq(parse("a=1&b=2&%61=3&A=4"), ERR_OK);
    cr_assert_eq(query_get(&q, SPAN("c"), &v), ERR_NOT_FOUND);
    cr_assert_eq(query_get(&q, SPAN("a"), &v), ERR_EXISTS);
    cr_assert_eq(query_get(&q, SPAN("b"), &v), ERR_OK);
    cr_assert(span_eq(v, SPAN("2")));
    cr_assert_eq(query_get(&q, SPAN("A"), &v), ERR_OK);
}

Test(query, test_query_parse_when_empty_then_no_pairs)
{
    static const char *const empty[] = {"", "?", "&", "?&&&"};
    for (size_t i = 0; i < COUNT(empty); i++) {
        cr_assert_eq(parse(empty[i]), ERR_OK);
        cr_assert_eq(q.count, 0);
    }
    cr_assert_eq(query_parse((struct span){0}, &q), ERR_OK);
}

Test(query, test_query_parse_when_values_are_odd_then_they_are_kept)
{
    struct span v;
    cr_assert_eq(parse("?flag&empty=&=nameless&eq=a=b&q=?"), ERR_OK);
    cr_assert_eq(query_get(&q, SPAN("flag"), &v), ERR_OK);
    cr_assert_eq(v.len, 0);
    cr_assert_eq(query_get(&q, SPAN("empty"), &v), ERR_OK);
    cr_assert_eq(v.len, 0);
    cr_assert_eq(query_get(&q, SPAN(""), &v), ERR_OK);
    cr_assert(span_eq(v, SPAN("nameless")));
    cr_assert_eq(query_get(&q, SPAN("eq"), &v), ERR_OK);
    cr_assert(span_eq(v, SPAN("a=b")));
    cr_assert_eq(query_get(&q, SPAN("q"), &v), ERR_OK);
    cr_assert(span_eq(v, SPAN("?")));
}

Test(query, test_query_parse_when_encoded_then_names_and_values_are_decoded)
{
    struct span v;
    cr_assert_eq(parse("last%45vent=a+b%26c%3D%c3%a4&x=%2B"), ERR_OK);
    cr_assert_eq(query_get(&q, SPAN("lastEvent"), &v), ERR_OK);
    cr_assert(span_eq(v, SPAN("a b&c=ä")));
    cr_assert_eq(query_get(&q, SPAN("x"), &v), ERR_OK);
    cr_assert(span_eq(v, SPAN("+")));
}

Test(query, test_query_next_when_a_name_repeats_then_all_values_in_order)
{
    char text[QUERY_BYTES_MAX];
    size_t len = 0;
    for (int i = 0; i < 200; i++) {
        len +=
            (size_t)snprintf(text + len, sizeof text - len, "jobId=0000000000000000000000%05d&", i);
    }
    cr_assert_eq(query_parse((struct span){text, len}, &q), ERR_OK);
    size_t cursor = 0;
    struct span v;
    for (int i = 0; i < 200; i++) {
        char want[48];
        (void)snprintf(want, sizeof want, "0000000000000000000000%05d", i);
        cr_assert(query_next(&q, SPAN("jobId"), &cursor, &v));
        cr_assert(span_eq(v, span_of(want)));
    }
    cr_assert_not(query_next(&q, SPAN("jobId"), &cursor, &v));
    cr_assert_not(query_next(&q, SPAN("jobId"), &cursor, &v));
}
