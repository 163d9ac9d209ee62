// links: base core
#include "core/percent.h"
#include "core/plain_text.h"

#include <criterion/criterion.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static enum err decode(const char *text, bool plus_is_space, char *out, size_t cap,
                       struct span *decoded)
{
    return percent_decode(span_of(text), plus_is_space, out, cap, decoded);
}

Test(percent, test_percent_decode_when_an_escape_is_broken_then_invalid)
{
    static const char *const bad[] = {"%",    "%4",  "a%",   "%zz",    "%4g", "%g4",
                                      "% 41", "%-1", "%%41", "%u0041", "%0x"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        char out[32];
        struct span s;
        cr_assert_eq(decode(bad[i], false, out, sizeof out, &s), ERR_INVALID, "%s", bad[i]);
    }
}

Test(percent, test_percent_decode_when_the_text_is_not_plain_then_invalid)
{
    static const char *const bad[] = {
        "%00",    "a%00b",     "%0A",    "%0d%0a", "%7F",  "%C2%80", "%C2%9f",       "%FF",   "%C3",
        "%C0%80", "%ED%A0%80", "%E2%82", "\x01",   "\xff", "a\nb",   "%F4%90%80%80", "%C3%28"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        char out[32];
        struct span s;
        cr_assert_eq(decode(bad[i], false, out, sizeof out, &s), ERR_INVALID, "%s", bad[i]);
    }
}

Test(percent, test_percent_decode_when_it_does_not_fit_then_too_large)
{
    char out[3];
    struct span s;
    cr_assert_eq(decode("abcd", false, out, sizeof out, &s), ERR_TOO_LARGE);
    cr_assert_eq(decode("%41%41%41%41", false, out, sizeof out, &s), ERR_TOO_LARGE);
    cr_assert_eq(decode("%41%41%41", false, out, sizeof out, &s), ERR_OK);
    cr_assert_eq(decode("", false, out, 0, &s), ERR_OK);
    cr_assert_eq(s.len, 0);
}

Test(percent, test_percent_decode_when_plus_is_space_then_only_then_it_is)
{
    char out[32];
    struct span s;
    cr_assert_eq(decode("a+b%2Bc", true, out, sizeof out, &s), ERR_OK);
    cr_assert(span_eq(s, SPAN("a b+c")));
    cr_assert_eq(decode("a+b%2Bc", false, out, sizeof out, &s), ERR_OK);
    cr_assert(span_eq(s, SPAN("a+b+c")));
}

Test(percent, test_percent_encode_when_every_ascii_character_then_decoding_gives_it_back)
{
    for (int c = 0x20; c < 0x7F; c++) {
        const char one = (char)c;
        struct buf b;
        buf_init(&b, 16);
        percent_encode(&b, (struct span){&one, 1});
        cr_assert_eq(buf_error(&b), ERR_OK);
        const bool plain =
            strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~", c) != NULL;
        cr_assert_eq(b.len, plain ? 1U : 3U, "%c", c);
        char out[8];
        struct span s;
        cr_assert_eq(percent_decode(buf_as_span(&b), true, out, sizeof out, &s), ERR_OK);
        cr_assert(s.len == 1 && s.ptr[0] == one);
        buf_clear(&b);
    }
}

Test(percent, test_percent_encode_when_text_is_mixed_then_capital_hex)
{
    struct buf b;
    buf_init(&b, 64);
    percent_encode(&b, SPAN("a b/ä\xF0\x9F\x98\x80.z"));
    cr_assert(span_eq(buf_as_span(&b), SPAN("a%20b%2F%C3%A4%F0%9F%98%80.z")));
    buf_clear(&b);
}

Test(percent, test_percent_encode_when_it_does_not_fit_then_the_error_sticks)
{
    struct buf b;
    buf_init(&b, 4);
    percent_encode(&b, SPAN("a\xC3\xA4"));
    cr_assert_eq(buf_error(&b), ERR_TOO_LARGE);
    buf_clear(&b);
}

Test(percent, test_plain_text_when_a_control_character_is_anywhere_then_false)
{
    for (int c = 0; c < 0x20; c++) {
        const char text[] = {'a', (char)c, 'b'};
        cr_assert_not(plain_text((struct span){text, sizeof text}), "%d", c);
    }
    cr_assert_not(plain_text(SPAN("\x7f")));
    cr_assert_not(plain_text(SPAN("\xC2\x85")));
}

Test(percent, test_plain_text_when_it_is_utf8_then_true)
{
    cr_assert(plain_text(SPAN("")));
    cr_assert(plain_text(SPAN(" ~")));
    cr_assert(plain_text(SPAN("\xC2\xA0\xC3\xA4\xE2\x82\xAC\xF4\x8F\xBF\xBF")));
}
