// links: base
#include "base/base32.h"

#include <criterion/criterion.h>
#include <string.h>

Test(base32, test_get_when_a_character_is_foreign_or_the_length_is_wrong_then_false)
{
    uint64_t n = 0;
    cr_expect_not(base32_get(SPAN(""), &n));
    cr_expect_not(base32_get(SPAN("0000000000000"), &n));
    for (int c = -128; c < 128; c++) {
        char text[2] = {'1', (char)c};
        const bool known = c != 0 && strchr("0123456789abcdefghjkmnpqrstvwxyz", c) != NULL;
        cr_expect_eq(base32_get((struct span){text, 2}, &n), known, "character %d", c);
        cr_expect_eq(base32_value((char)c) >= 0, known);
    }
}

Test(base32, test_put_then_get_gives_the_number_back)
{
    char text[BASE32_CHARS_MAX];
    for (unsigned shift = 0; shift < 60; shift++) {
        uint64_t n = 0;
        const uint64_t wanted = (UINT64_C(1) << shift) + shift % 7;
        cr_assert_eq(base32_put(text, sizeof text, wanted), text + sizeof text);
        cr_assert(base32_get((struct span){text, sizeof text}, &n));
        cr_assert_eq(n, wanted);
    }
    for (uint64_t n = 0; n < 32; n++) {
        (void)base32_put(text, 1, n);
        cr_assert_eq(base32_value(text[0]), (int)n);
    }
}

Test(base32, test_put_when_larger_then_sorts_after)
{
    char less[4], more[4];
    for (uint64_t n = 0; n < 100000; n += 37) {
        (void)base32_put(less, 4, n);
        (void)base32_put(more, 4, n + 1);
        cr_assert_lt(memcmp(less, more, 4), 0);
    }
}
