// links: core
#include "core/jwt_algorithm.h"

#include <criterion/criterion.h>
#include <stdio.h>

static bool fits(enum jwt_algorithm a, size_t signature_chars)
{
    char token[512];
    const int len =
        snprintf(token, sizeof token, "aa.bb.%.*s", (int)signature_chars,
                 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    return jwt_signature_fits(a, (struct span){token, (size_t)len});
}

Test(jwt_algorithm, test_signature_when_token_has_no_three_parts_then_does_not_fit)
{
    cr_expect_not(jwt_signature_fits(JWT_RS256, SPAN("")));
    cr_expect_not(jwt_signature_fits(JWT_RS256, SPAN("aa.bb")));
}

Test(jwt_algorithm, test_signature_when_its_length_is_fixed_then_no_other_fits)
{
    static const struct {
        enum jwt_algorithm algorithm;
        size_t chars;
    } cases[] = {
        {JWT_HS256, 43}, {JWT_HS384, 64},  {JWT_HS512, 86},
        {JWT_ES256, 86}, {JWT_ES384, 128}, {JWT_ES512, 176},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_expect(fits(cases[i].algorithm, cases[i].chars), "case %zu", i);
        cr_expect_not(fits(cases[i].algorithm, cases[i].chars - 1), "case %zu", i);
        cr_expect_not(fits(cases[i].algorithm, cases[i].chars + 1), "case %zu", i);
    }
}

Test(jwt_algorithm, test_signature_when_the_key_decides_then_any_length_fits)
{
    cr_expect(fits(JWT_RS256, 171));
    cr_expect(fits(JWT_PS512, 4));
}
