// links: base core
#include "core/file_name.h"

#include "core/plain_text.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void check(const char *name, const char *want)
{
    char out[JOB_FILE_NAME_MAX + 1];
    const struct span got = file_name_sanitise(span_of(name), out);
    cr_assert(span_eq(got, span_of(want)), "%s: %s, not %s", name, out, want);
    char again[JOB_FILE_NAME_MAX + 1];
    cr_assert(span_eq(file_name_sanitise(got, again), got), "%s: not stable", name);
    cr_assert(file_name_safe(got));
}

Test(file_name, test_sanitise_when_nothing_is_left_then_the_fallback)
{
    check("", "download");
    check("...", "download");
    check("   ", "download");
    check(" . . ", "download");
}

Test(file_name, test_sanitise_when_it_names_a_place_then_it_no_longer_does)
{
    check("../../etc/passwd", "___.._etc_passwd");
    check("/etc/passwd", "_etc_passwd");
    check("..\\..\\a.txt", "___.._a.txt");
    check("C:\\a.txt", "C__a.txt");
    check("a:stream", "a_stream");
    check(".bashrc", "_bashrc");
    check("  .hidden", "_hidden");
    check("..", "download");
}

Test(file_name, test_sanitise_when_characters_are_refused_then_underscores)
{
    check("a<b>c\"d|e?f*g", "a_b_c_d_e_f_g");
    check("a\r\nb\x01\x7f", "a__b__");
    check("a\xC2\x85z", "a_z");
    check("photo\xE2\x80\xAEgpj.exe", "photo_gpj.exe");
    check("a\xE2\x81\xA6z\xE2\x80\xA8y\xD8\x9Cx\xEF\xBB\xBFw", "a_z_y_x_w");
    check("a\xFFz\xC3", "a_z_");
    check("a\xED\xA0\x80z", "a___z");
}

Test(file_name, test_sanitise_when_a_nul_is_inside_then_an_underscore)
{
    char out[JOB_FILE_NAME_MAX + 1];
    cr_assert(span_eq(file_name_sanitise((struct span){"a\0b", 3}, out), SPAN("a_b")));
}

Test(file_name, test_sanitise_when_it_ends_in_dots_or_spaces_then_they_go)
{
    check("a.txt. . .", "a.txt");
    check("a ", "a");
    check(" a b ", "a b");
}

Test(file_name, test_sanitise_when_it_is_a_device_then_it_is_marked)
{
    check("CON", "_CON");
    check("nul.txt", "_nul.txt");
    check("Com1.tar.gz", "_Com1.tar.gz");
    check("lpt9", "_lpt9");
    check("aux .txt", "_aux .txt");
    check("conin$", "_conin$");
    check("console.txt", "console.txt");
    check("com10", "com10");
    check("comx", "comx");
}

Test(file_name, test_sanitise_when_it_is_fine_then_unchanged)
{
    check("a.bin", "a.bin");
    check("Größe 5 (Kopie).tar.gz", "Größe 5 (Kopie).tar.gz");
    check("\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB.png",
          "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB.png");
    check("100%;'&.txt", "100%;'&.txt");
}

/* A name of `len` copies of `part`, then `end`. */
static struct span sanitise_long(const char *part, size_t count, const char *end,
                                 char out[JOB_FILE_NAME_MAX + 1])
{
    struct buf b;
    buf_init(&b, 1 << 20);
    for (size_t i = 0; i < count; i++) {
        (void)buf_text(&b, part);
    }
    (void)buf_text(&b, end);
    cr_assert_eq(buf_error(&b), ERR_OK);
    const struct span got = file_name_sanitise(buf_as_span(&b), out);
    buf_clear(&b);
    cr_assert(got.len >= 1 && got.len <= JOB_FILE_NAME_MAX);
    cr_assert(plain_text(got));
    cr_assert(file_name_safe(got));
    return got;
}

Test(file_name, test_sanitise_when_too_long_then_cut_at_a_character_with_its_extension)
{
    static const size_t counts[] = {252, 255, 256, 300, 511, 512, 513, 576, 577, 10000};
    static const char *const parts[] = {"a", "ä", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "a.", "a "};
    for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
        for (size_t p = 0; p < sizeof(parts) / sizeof(parts[0]); p++) {
            char out[JOB_FILE_NAME_MAX + 1];
            struct span got = sanitise_long(parts[p], counts[c], ".jpeg", out);
            cr_assert(got.len >= 5 && memcmp(got.ptr + got.len - 5, ".jpeg", 5) == 0, "%s", out);
            got = sanitise_long(parts[p], counts[c], "", out);
            got = sanitise_long(parts[p], counts[c], ".this is no extension at all", out);
        }
    }
}

Test(file_name, test_sanitise_when_long_and_all_dots_then_none_is_left)
{
    char out[JOB_FILE_NAME_MAX + 1];
    const struct span got = sanitise_long(".", 300, ".bin", out);
    cr_assert_null(memchr(got.ptr, '.', got.len));
}

Test(file_name, test_sanitise_when_long_then_as_much_as_fits_is_kept)
{
    char out[JOB_FILE_NAME_MAX + 1];
    cr_assert_eq(sanitise_long("a", 300, ".bin", out).len, JOB_FILE_NAME_MAX);
    cr_assert_eq(sanitise_long("ä", 300, ".bin", out).len, JOB_FILE_NAME_MAX - 1);
    cr_assert_eq(sanitise_long("a", 255, "", out).len, JOB_FILE_NAME_MAX);
}

Test(file_name, test_sanitise_when_bytes_are_random_then_safe_and_stable)
{
    uint64_t seed = 88172645463325252U;
    for (int round = 0; round < 20000; round++) {
        char raw[700];
        seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
        const size_t len = seed % sizeof raw;
        for (size_t i = 0; i < len; i++) {
            seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
            raw[i] = (char)(seed % 3 == 0 ? "./ \\_\xC3\xA4"[seed >> 8 & 7 ? (seed >> 8) % 7 : 0]
                                          : (char)(seed >> 16));
        }
        char out[JOB_FILE_NAME_MAX + 1];
        const struct span got = file_name_sanitise((struct span){raw, len}, out);
        cr_assert(got.len >= 1 && got.len <= JOB_FILE_NAME_MAX && plain_text(got));
        cr_assert(got.ptr[0] != '.' && memchr(got.ptr, '/', got.len) == NULL);
        cr_assert(file_name_safe(got), "round %d: %s", round, out);
    }
}

static void check_disposition(const char *name, const char *want)
{
    struct buf b;
    buf_init(&b, 4096);
    file_name_disposition(span_of(name), &b);
    cr_assert_eq(buf_error(&b), ERR_OK);
    cr_assert(span_eq(buf_as_span(&b), span_of(want)), "%.*s", (int)b.len, b.data);
    buf_clear(&b);
}

Test(file_name, test_disposition_when_the_name_is_hostile_then_no_way_out_of_the_quotes)
{
    check_disposition("a\"; filename=\"b.exe", "attachment; filename=\"a_; filename=_b.exe\"");
    check_disposition("a\\\"b\r\nX-Y: z", "attachment; filename=\"a__b__X-Y_ z\"");
    check_disposition("", "attachment; filename=\"download\"");
}

Test(file_name, test_disposition_when_the_name_is_ascii_then_one_parameter)
{
    check_disposition("a b;c.bin", "attachment; filename=\"a b;c.bin\"");
}

Test(file_name, test_disposition_when_the_name_needs_more_then_both_parameters)
{
    check_disposition("Größe €.txt", "attachment; filename=\"Gr__e _.txt\"; "
                                     "filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%E2%82%AC.txt");
    check_disposition("100%41.txt",
                      "attachment; filename=\"100_41.txt\"; filename*=UTF-8''100%2541.txt");
}
