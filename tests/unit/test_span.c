// links: base
#include "base/span.h"

#include <criterion/criterion.h>
#include <string.h>

static enum err parse_u64(const char *text, uint64_t *out)
{
    return span_to_u64(span_of(text), out);
}

Test(span, test_to_u64_when_not_digits_then_invalid)
{
    static const char *const bad[] = {
        "",    "+1", "-1", " 1", "1 ",  "0x1", "1.0",
        "1e3", "٣",  "00", "01", "a12", "12a", "99999999999999999999x"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint64_t n = 7;
        cr_expect_eq(parse_u64(bad[i], &n), ERR_INVALID, "%s", bad[i]);
        cr_expect_eq(n, 7, "%s: nothing is stored", bad[i]);
    }
}

Test(span, test_to_u64_when_past_64_bits_then_too_large)
{
    uint64_t n = 0;
    cr_expect_eq(parse_u64("18446744073709551616", &n), ERR_TOO_LARGE);
    cr_expect_eq(parse_u64("99999999999999999999999", &n), ERR_TOO_LARGE);
}

Test(span, test_to_u64_when_decimal_then_number)
{
    uint64_t n = 1;
    cr_expect_eq(parse_u64("0", &n), ERR_OK);
    cr_expect_eq(n, 0);
    cr_expect_eq(parse_u64("18446744073709551615", &n), ERR_OK);
    cr_expect_eq(n, UINT64_MAX);
}

Test(span, test_to_u64_when_span_has_no_terminator_then_only_its_bytes_count)
{
    const char digits[] = {'1', '2', '3', '4'};
    uint64_t n = 0;
    cr_expect_eq(span_to_u64((struct span){digits, 2}, &n), ERR_OK);
    cr_expect_eq(n, 12);
}

Test(span, test_to_i64_when_malformed_or_out_of_range_then_error)
{
    int64_t n = 7;
    cr_expect_eq(span_to_i64(SPAN("-"), &n), ERR_INVALID);
    cr_expect_eq(span_to_i64(SPAN("--1"), &n), ERR_INVALID);
    cr_expect_eq(span_to_i64(SPAN("-0"), &n), ERR_INVALID);
    cr_expect_eq(span_to_i64(SPAN("-01"), &n), ERR_INVALID);
    cr_expect_eq(span_to_i64(SPAN("9223372036854775808"), &n), ERR_TOO_LARGE);
    cr_expect_eq(span_to_i64(SPAN("-9223372036854775809"), &n), ERR_TOO_LARGE);
    cr_expect_eq(n, 7);
}

Test(span, test_to_i64_when_at_the_limits_then_number)
{
    int64_t n = 0;
    cr_expect_eq(span_to_i64(SPAN("-9223372036854775808"), &n), ERR_OK);
    cr_expect_eq(n, INT64_MIN);
    cr_expect_eq(span_to_i64(SPAN("9223372036854775807"), &n), ERR_OK);
    cr_expect_eq(n, INT64_MAX);
    cr_expect_eq(span_to_i64(SPAN("-1"), &n), ERR_OK);
    cr_expect_eq(n, -1);
}

Test(span, test_copy_when_it_does_not_fit_then_too_large)
{
    char out[4] = "zzz";
    cr_expect_eq(span_copy(SPAN("abcd"), out, sizeof out), ERR_TOO_LARGE);
    cr_expect_eq(span_copy(SPAN(""), out, 0), ERR_TOO_LARGE);
    cr_expect_str_eq(out, "zzz");
}

Test(span, test_copy_when_a_nul_is_inside_then_invalid)
{
    char out[8] = "";
    cr_expect_eq(span_copy(SPAN("a\0b"), out, sizeof out), ERR_INVALID);
}

Test(span, test_copy_when_it_just_fits_then_ends_in_nul)
{
    char out[4] = "zzz";
    cr_expect_eq(span_copy(SPAN("abc"), out, sizeof out), ERR_OK);
    cr_expect_str_eq(out, "abc");
    cr_expect_eq(span_copy((struct span){NULL, 0}, out, sizeof out), ERR_OK);
    cr_expect_str_eq(out, "");
}

Test(span, test_eq_when_bytes_or_lengths_differ_then_false)
{
    cr_expect_not(span_eq(SPAN("a"), SPAN("b")));
    cr_expect_not(span_eq(SPAN("a"), SPAN("ab")));
    cr_expect_not(span_eq(SPAN("A"), SPAN("a")));
    cr_expect_not(span_eq(SPAN("a\0b"), SPAN("a\0c")));
}

Test(span, test_eq_when_both_empty_then_true_even_with_null)
{
    cr_expect(span_eq((struct span){NULL, 0}, SPAN("")));
    cr_expect(span_eq(span_of(NULL), (struct span){NULL, 0}));
}

Test(span, test_eq_nocase_when_only_ascii_case_differs_then_true)
{
    cr_expect(span_eq_nocase(SPAN("Content-LENGTH"), SPAN("content-length")));
    cr_expect_not(span_eq_nocase(SPAN("@"), SPAN("`")), "one bit, but no letter");
    cr_expect_not(span_eq_nocase(SPAN("Ä"), SPAN("ä")), "ASCII only");
    cr_expect_not(span_eq_nocase(SPAN("a"), SPAN("aa")));
}

Test(span, test_starts_when_prefix_is_longer_then_false)
{
    cr_expect_not(span_starts(SPAN("ab"), SPAN("abc")));
    cr_expect_not(span_starts(SPAN("abc"), SPAN("b")));
    cr_expect(span_starts(SPAN("abc"), SPAN("abc")));
    cr_expect(span_starts(SPAN("abc"), SPAN("")));
    cr_expect(span_starts((struct span){NULL, 0}, (struct span){NULL, 0}));
}

Test(span, test_trim_when_blank_around_then_inner_text)
{
    cr_expect(span_eq(span_trim(SPAN(" \t a b\t ")), SPAN("a b")));
    cr_expect(span_eq(span_trim(SPAN("\n a")), SPAN("\n a")), "a newline is not a blank");
    cr_expect_eq(span_trim(SPAN(" \t ")).len, 0);
    cr_expect_eq(span_trim((struct span){NULL, 0}).len, 0);
}

Test(span, test_cut_when_no_separator_then_all_is_head)
{
    struct span head;
    struct span rest;
    cr_expect_not(span_cut(SPAN("abc"), ',', &head, &rest));
    cr_expect(span_eq(head, SPAN("abc")));
    cr_expect_eq(rest.len, 0);
    cr_expect_not(span_cut((struct span){NULL, 0}, ',', &head, &rest));
    cr_expect_eq(head.len, 0);
}

Test(span, test_cut_when_separators_then_first_one_cuts)
{
    struct span head;
    struct span rest;
    cr_expect(span_cut(SPAN("a,b,c"), ',', &head, &rest));
    cr_expect(span_eq(head, SPAN("a")));
    cr_expect(span_eq(rest, SPAN("b,c")));
    cr_expect(span_cut(SPAN(",x"), ',', &head, &rest));
    cr_expect_eq(head.len, 0);
    cr_expect(span_eq(rest, SPAN("x")));
    cr_expect(span_cut(SPAN("x,"), ',', &head, &rest));
    cr_expect_eq(rest.len, 0);
    cr_expect(span_cut(rest = SPAN("k=v"), '=', &rest, &head), "in place");
}

Test(err, test_name_when_any_number_then_text)
{
    for (int e = 0; e < ERR_COUNT; e++) {
        cr_expect_gt(strlen(err_name((enum err)e)), 0);
    }
    cr_expect_str_eq(err_name(ERR_COUNT), "unknown");
    cr_expect_str_eq(err_name((enum err)999), "unknown");
    cr_expect_str_eq(err_name(ERR_TOO_LARGE), "too_large");
}
