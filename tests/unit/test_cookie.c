// links: base core
#include "core/bearer.h"
#include "core/cookie.h"

#include <criterion/criterion.h>
#include <string.h>

static enum err find(const char *header, struct span *value)
{
    return cookie_find(span_of(header), SPAN("token"), value);
}

Test(cookie, test_find_when_there_is_none_of_that_name_then_not_found)
{
    static const char *const without[] = {"",         ";",        "token",       "Token=a",
                                          "xtoken=a", "tokenx=a", "x=token=a",   "x=1; y=2",
                                          "=token",   "; ; ;",    "token2=a; x", "x=\"token=a"};
    for (size_t i = 0; i < sizeof without / sizeof without[0]; i++) {
        struct span v;
        cr_expect_eq(find(without[i], &v), ERR_NOT_FOUND, "%s", without[i]);
    }
}

Test(cookie, test_find_when_twice_then_exists)
{
    struct span v;
    cr_expect_eq(find("token=a; token=b", &v), ERR_EXISTS);
    cr_expect_eq(find("token=a; x=1; token=a", &v), ERR_EXISTS);
}

Test(cookie, test_find_when_once_then_its_value)
{
    static const char *const with[] = {"token=a.b", "x=1; token=a.b", "x=1;token=a.b;y=2",
                                       " token = a.b ; y"};
    for (size_t i = 0; i < sizeof with / sizeof with[0]; i++) {
        struct span v;
        cr_assert_eq(find(with[i], &v), ERR_OK, "%s", with[i]);
        cr_expect(span_eq(v, SPAN("a.b")), "%s", with[i]);
    }
}

Test(cookie, test_name_when_no_token_then_invalid)
{
    char longest[COOKIE_NAME_MAX + 1];
    memset(longest, 'n', sizeof longest);
    cr_expect_not(cookie_name_valid(SPAN("")));
    cr_expect_not(cookie_name_valid(SPAN("a b")));
    cr_expect_not(cookie_name_valid(SPAN("a=b")));
    cr_expect_not(cookie_name_valid(SPAN("a;b")));
    cr_expect_not(cookie_name_valid(SPAN("a\0b")));
    cr_expect_not(cookie_name_valid((struct span){longest, sizeof longest}));
    cr_expect(cookie_name_valid((struct span){longest, COOKIE_NAME_MAX}));
    cr_expect(cookie_name_valid(SPAN("__Host-token")));
}

Test(bearer, test_find_when_another_scheme_then_false)
{
    static const char *const others[] = {"",      "Bearer",       "Basic a.b.c", "Bearera.b.c",
                                         "a.b.c", "Bearer\ta.b.c"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct span t;
        cr_expect_not(bearer_find(span_of(others[i]), &t), "%s", others[i]);
    }
}

Test(bearer, test_find_when_bearer_in_any_case_then_the_token)
{
    static const char *const right[] = {"Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c ",
                                        " Bearer a.b.c"};
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
        struct span t;
        cr_assert(bearer_find(span_of(right[i]), &t), "%s", right[i]);
        cr_expect(span_eq(t, SPAN("a.b.c")), "%s", right[i]);
    }
}

Test(bearer, test_shape_when_not_three_parts_of_base64url_then_invalid)
{
    static const char *const bad[] = {
        "",        ".",        "..",        "a.b",     "a.b.c.d",      "a..c",     ".b.c",
        "a.b.c=",  "a.b. c",   "a.b+.c",    "a.b/.c",  "a.b.\xc3\xa4", "a b.c.d",  "{}.{}.x",
        "aA.bA.c", "aA.bA.cB", "aA.bA.cAB", "aA.b.cA", "aB.bA.cA",     "aA.bAB.cA"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_expect_not(token_shape_valid(span_of(bad[i])), "%s", bad[i]);
    }
    cr_expect(token_shape_valid(SPAN("aA0-.bQ._w")));
    cr_expect(token_shape_valid(SPAN("aAc.bAA.cAAA")));
    cr_expect(token_shape_valid(SPAN("aA.bA.")),
              "an empty signature has the shape; no key fits it");
    static char longest[TOKEN_BYTES_MAX + 1];
    memset(longest, 'A', sizeof longest);
    longest[2] = longest[5] = '.';
    cr_expect(token_shape_valid((struct span){longest, TOKEN_BYTES_MAX}));
    cr_expect_not(token_shape_valid((struct span){longest, TOKEN_BYTES_MAX + 1}));
}
