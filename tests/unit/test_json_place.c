// links: base core
#include "core/json_place.h"

#include <criterion/criterion.h>

/* The place of the character '@', which the texts have once. */
static void check(const char *text, const char *pointer)
{
    struct buf b;
    buf_init(&b, 256);
    json_place(span_of(text), (size_t)(strchr(text, '@') - text), &b);
    cr_assert_eq(buf_error(&b), ERR_OK);
    cr_assert(span_eq(buf_as_span(&b), span_of(pointer)), "%s: %.*s, not %s", text, (int)b.len,
              b.len > 0 ? b.data : "", pointer);
    buf_clear(&b);
}

Test(json_place, test_json_place_when_the_text_is_not_json_then_some_ancestor)
{
    check("@", "");
    check("}}}]]]@", "");
    check("\"a@", "");
    check(",,,:::@", "");
    check("{\"a\":{\"b\":1}}}}@", "");
    check("{,\"a\"@", "/a");
}

Test(json_place, test_json_place_when_in_a_member_then_its_pointer)
{
    check("@{\"a\":1}", "");
    check("{@\"a\":1}", "");
    check("{\"a@\":1}", "");
    check("{\"a\"@:1}", "/a");
    check("{\"a\":@1}", "/a");
    check("{\"a\":1@,\"b\":2}", "/a");
    check("{\"a\":1,@\"b\":2}", "");
    check("{\"a\":1,\"b\":@2}", "/b");
    check("{\"a\":{\"b\":{\"c\":@", "/a/b/c");
    check("{\"a\":{\"b\":1},\"c\":@", "/c");
    check("{\"a\":{\"b\":1}@", "/a");
    check("{\"\":@1}", "/");
}

Test(json_place, test_json_place_when_in_an_array_then_its_index)
{
    check("[@1,2]", "/0");
    check("[1,2,@3]", "/2");
    check("{\"a\":[1,[2,3],{\"b\":@4", "/a/2/b");
    check("{\"a\":[[[@", "/a/0/0/0");
}

Test(json_place, test_json_place_when_strings_have_brackets_and_quotes_then_they_are_skipped)
{
    check("{\"a\":\"}{][,\\\"\\\\\",\"b\":@1}", "/b");
    check("{\"a\":\"x, y@", "/a");
    check("{\"a/b~c\":@1}", "/a~1b~0c");
    check("{\"a\":{\"b\\u0041\":@1}}", "/a/bA");
    check("{\"\\\"\\\\\\/\\u007e\":@1}", "/\"\\~1~0");
    check("{\"\\u00e4\\u20ac\\ud83d\\ude00\":@1}", "/\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
}

Test(json_place, test_json_place_when_a_name_has_bad_escapes_then_its_object)
{
    check("{\"a\":{\"\\x\":@1}}", "/a");
    check("{\"a\":{\"b\\u00\":@1}}", "/a");
    check("{\"a\":{\"b\\u0000\":@1}}", "/a");
    check("{\"a\":{\"b\\ud83d\":@1}}", "/a");
    check("{\"a\":{\"b\\ud83d\\u0041\":@1}}", "/a");
    check("{\"a\":{\"b\\ude00\":@1}}", "/a");
}

Test(json_place, test_json_place_when_too_deep_or_too_long_then_an_ancestor)
{
    char text[100];
    memset(text, '[', 99);
    text[99] = '\0';
    struct buf b;
    buf_init(&b, 256);
    json_place(span_of(text), 99, &b);
    cr_assert_eq(b.len, 2 * JSON_PLACE_DEPTH_MAX);
    buf_clear(&b);
    buf_init(&b, 7);
    json_place(SPAN("{\"abc\":{\"defg\":1"), 16, &b);
    cr_assert_eq(buf_error(&b), ERR_OK);
    cr_assert(span_eq(buf_as_span(&b), SPAN("/abc")));
    buf_clear(&b);
}

Test(json_place, test_json_place_when_the_offset_is_past_the_end_then_the_end)
{
    struct buf b;
    buf_init(&b, 64);
    json_place(SPAN("{\"a\":"), 9999, &b);
    cr_assert(span_eq(buf_as_span(&b), SPAN("/a")));
    buf_clear(&b);
}
