// links: base
#include "base/buf.h"

#include <criterion/criterion.h>
#include <string.h>

static struct buf buf;

static void start(void)
{
    buf_init(&buf, 1 << 20);
}

static void stop(void)
{
    buf_clear(&buf);
}

TestSuite(buf, .init = start, .fini = stop);

static void expect_json(struct span in, struct span out)
{
    buf_reset(&buf);
    cr_expect_eq(buf_json_string(&buf, in), ERR_OK);
    cr_expect(span_eq(buf_as_span(&buf), out), "%.*s is not %.*s", SPAN_ARG(buf_as_span(&buf)),
              SPAN_ARG(out));
}

Test(buf, test_append_when_past_the_maximum_then_too_large_and_unchanged)
{
    buf_init(&buf, 4);
    cr_expect_eq(buf_text(&buf, "abc"), ERR_OK);
    cr_expect_eq(buf_text(&buf, "de"), ERR_TOO_LARGE);
    cr_expect(span_eq(buf_as_span(&buf), SPAN("abc")));
}

Test(buf, test_append_when_an_error_came_before_then_it_sticks_until_reset)
{
    buf_init(&buf, 4);
    (void)buf_text(&buf, "abcde");
    cr_expect_eq(buf_char(&buf, 'x'), ERR_TOO_LARGE, "a hole would be worse than an end");
    cr_expect_eq(buf_error(&buf), ERR_TOO_LARGE);
    cr_expect_eq(buf_as_span(&buf).len, 0);
    buf_reset(&buf);
    cr_expect_eq(buf_error(&buf), ERR_OK);
    cr_expect_eq(buf_text(&buf, "abcd"), ERR_OK);
}

Test(buf, test_append_when_maximum_is_zero_then_only_nothing_fits)
{
    buf_init(&buf, 0);
    cr_expect_eq(buf_append(&buf, NULL, 0), ERR_OK);
    cr_expect_eq(buf_printf(&buf, "%s", ""), ERR_OK);
    cr_expect_eq(buf_char(&buf, 'a'), ERR_TOO_LARGE);
}

Test(buf, test_reserve_when_length_would_overflow_then_too_large)
{
    cr_expect_eq(buf_text(&buf, "abc"), ERR_OK);
    cr_expect_eq(buf_reserve(&buf, SIZE_MAX), ERR_TOO_LARGE);
}

Test(buf, test_printf_when_result_is_too_long_then_unchanged)
{
    buf_init(&buf, 8);
    cr_expect_eq(buf_text(&buf, "abc"), ERR_OK);
    cr_expect_eq(buf_printf(&buf, "%s", "123456"), ERR_TOO_LARGE);
    cr_expect(span_eq(buf_as_span(&buf), SPAN("abc")));
}

Test(buf, test_printf_when_it_fills_the_maximum_then_no_byte_is_lost_to_the_nul)
{
    buf_init(&buf, 6);
    cr_expect_eq(buf_printf(&buf, "%d-%s", 12, "abc"), ERR_OK);
    cr_expect(span_eq(buf_as_span(&buf), SPAN("12-abc")));
}

Test(buf, test_printf_when_longer_than_the_room_then_grows)
{
    for (int i = 0; i < 100; i++) {
        cr_assert_eq(buf_printf(&buf, "%0100d", i), ERR_OK);
    }
    cr_expect_eq(buf.len, 10000);
    cr_expect_eq(memcmp(buf.data + 9998, "99", 2), 0);
}

Test(buf, test_append_when_many_then_grows_and_keeps_all)
{
    for (int i = 0; i < 10000; i++) {
        cr_assert_eq(buf_char(&buf, (char)('a' + i % 26)), ERR_OK);
    }
    cr_expect_eq(buf.len, 10000);
    for (int i = 0; i < 10000; i++) {
        cr_assert_eq(buf.data[i], 'a' + i % 26);
    }
    cr_expect_leq(buf.cap, 20000);
}

Test(buf, test_reset_when_filled_then_memory_is_kept)
{
    cr_expect_eq(buf_text(&buf, "abc"), ERR_OK);
    const char *data = buf.data;
    buf_reset(&buf);
    cr_expect_eq(buf.len, 0);
    cr_expect_eq(buf_text(&buf, "xy"), ERR_OK);
    cr_expect_eq(buf.data, data);
}

Test(buf, test_clear_when_filled_then_as_after_init)
{
    cr_expect_eq(buf_text(&buf, "abc"), ERR_OK);
    buf_clear(&buf);
    cr_expect_null(buf.data);
    cr_expect_eq(buf.len, 0);
    cr_expect_eq(buf.max, 1 << 20);
    cr_expect_eq(buf_text(&buf, "abc"), ERR_OK);
}

Test(buf, test_reserve_when_written_by_caller_then_len_is_his)
{
    cr_expect_eq(buf_reserve(&buf, 3), ERR_OK);
    memcpy(buf.data + buf.len, "abc", 3);
    buf.len += 3;
    cr_expect(span_eq(buf_as_span(&buf), SPAN("abc")));
}

Test(buf, test_numbers_when_at_their_limits_then_exact)
{
    cr_expect_eq(buf_u64(&buf, 0), ERR_OK);
    cr_expect_eq(buf_char(&buf, ' '), ERR_OK);
    cr_expect_eq(buf_u64(&buf, UINT64_MAX), ERR_OK);
    cr_expect_eq(buf_char(&buf, ' '), ERR_OK);
    cr_expect_eq(buf_i64(&buf, INT64_MIN), ERR_OK);
    cr_expect_eq(buf_char(&buf, ' '), ERR_OK);
    cr_expect_eq(buf_i64(&buf, INT64_MAX), ERR_OK);
    cr_expect(span_eq(buf_as_span(&buf), SPAN("0 18446744073709551615 -9223372036854775808 "
                                              "9223372036854775807")));
}

Test(buf, test_json_string_when_too_long_then_nothing_of_it_stays)
{
    buf_init(&buf, 8);
    cr_expect_eq(buf_text(&buf, "ab"), ERR_OK);
    cr_expect_eq(buf_json_string(&buf, SPAN("12345")), ERR_TOO_LARGE);
    cr_expect(span_eq(buf_as_span(&buf), SPAN("ab")));
}

Test(buf, test_json_string_when_special_then_escaped)
{
    expect_json(SPAN("\"\\/"), SPAN("\"\\\"\\\\/\""));
    expect_json(SPAN("\b\f\n\r\t"), SPAN("\"\\b\\f\\n\\r\\t\""));
    expect_json(SPAN("a\0b\x1f\x7f"), SPAN("\"a\\u0000b\\u001f\x7f\""));
    expect_json((struct span){NULL, 0}, SPAN("\"\""));
}

Test(buf, test_json_string_when_valid_utf8_then_as_it_is)
{
    expect_json(SPAN("ä€\xF0\x9F\x98\x80"), SPAN("\"ä€\xF0\x9F\x98\x80\""));
    expect_json(SPAN("\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF"),
                SPAN("\"\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF\""));
}

/* RFC 3629 §4, §10: overlong forms, surrogates, numbers past U+10FFFF, and parts of sequences. */
Test(buf, test_json_string_when_invalid_utf8_then_replaced)
{
    expect_json(SPAN("\x80"), SPAN("\"\xEF\xBF\xBD\""));
    expect_json(SPAN("\xC3"), SPAN("\"\xEF\xBF\xBD\""));
    expect_json(SPAN("\xC3(x"), SPAN("\"\xEF\xBF\xBD(x\""));
    expect_json(SPAN("\xC0\xAF"), SPAN("\"\xEF\xBF\xBD\xEF\xBF\xBD\""));
    expect_json(SPAN("\xE0\x9F\xBF"), SPAN("\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""));
    expect_json(SPAN("\xED\xA0\x80"), SPAN("\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""));
    expect_json(SPAN("\xF4\x90\x80\x80"),
                SPAN("\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""));
    expect_json(SPAN("a\xE2\x82"), SPAN("\"a\xEF\xBF\xBD\xEF\xBF\xBD\""));
    expect_json(SPAN("\xFE\xFF"), SPAN("\"\xEF\xBF\xBD\xEF\xBF\xBD\""));
}
