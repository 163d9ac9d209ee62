// links: base core cli
#include "cli/backoff.h"
#include "cli/bar.h"
#include "cli/speed.h"
#include "cli/target.h"
#include "cli/terminal.h"

#include <criterion/criterion.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { TEXT = 4096 };

static void finish(struct buf *b, const char *want)
{
    cr_assert_eq(buf_char(b, '\0'), ERR_OK);
    cr_assert_str_eq(b->data, want);
    buf_clear(b);
}

/* ---- the progress bar */

Test(cli_text, test_bar_when_all_is_unknown_then_the_label_only)
{
    struct buf out;
    const struct bar b = {
        .label = SPAN("queued"), .percent = -1, .total_bytes = -1, .bytes_per_s = -1, .eta_s = -1};
    buf_init(&out, TEXT);
    bar_write(&b, 80, &out);
    finish(&out, "queued");
}

Test(cli_text, test_bar_when_all_is_known_then_all_is_shown)
{
    struct buf out;
    const struct bar b = {.label = SPAN("saving"),
                          .percent = 50,
                          .done_bytes = 512 << 10,
                          .total_bytes = 1 << 20,
                          .bytes_per_s = 2048,
                          .eta_s = 256};
    buf_init(&out, TEXT);
    bar_write(&b, 72, &out);
    finish(&out, "saving  50% [=========>         ] 512 KiB/1.00 MiB  2.00 KiB/s  ETA 4:16");
}

Test(cli_text, test_bar_when_whatever_width_then_it_fits)
{
    const struct bar b = {.label = SPAN("fetching"),
                          .percent = 100,
                          .done_bytes = UINT64_MAX,
                          .total_bytes = INT64_MAX,
                          .bytes_per_s = INT64_MAX,
                          .eta_s = INT64_MAX};
    for (size_t width = 0; width < 200; width++) {
        struct buf out;
        buf_init(&out, TEXT);
        bar_write(&b, width, &out);
        cr_assert_leq(out.len, width);
        buf_clear(&out);
    }
}

Test(cli_text, test_bar_when_over_a_hundred_percent_then_full)
{
    struct buf out;
    const struct bar b = {
        .label = SPAN("x"), .percent = 250, .total_bytes = -1, .bytes_per_s = -1, .eta_s = -1};
    buf_init(&out, TEXT);
    bar_write(&b, 19, &out);
    finish(&out, "x 100% [==========]");
}

Test(cli_text, test_size_when_written_then_three_figures)
{
    static const struct {
        uint64_t bytes;
        const char *want;
    } cases[] = {
        {0, "0 B"},
        {1023, "1023 B"},
        {1024, "1.00 KiB"},
        {10240, "10.0 KiB"},
        {102400, "100 KiB"},
        {1023 * 1024, "1.00 MiB"},
        {1 << 30, "1.00 GiB"},
        {UINT64_MAX, "16.0 EiB"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out;
        buf_init(&out, TEXT);
        bar_write_size(cases[i].bytes, &out);
        finish(&out, cases[i].want);
    }
}

Test(cli_text, test_duration_when_written_then_as_people_say_it)
{
    static const struct {
        int64_t seconds;
        const char *want;
    } cases[] = {{-5, "0:00"},      {0, "0:00"},       {7, "0:07"},       {725, "12:05"},
                 {3599, "59:59"},   {3600, "1:00:00"}, {3723, "1:02:03"}, {86399, "23:59:59"},
                 {86400, "1d 00h"}, {183600, "2d 03h"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out;
        buf_init(&out, TEXT);
        bar_write_duration(cases[i].seconds, &out);
        finish(&out, cases[i].want);
    }
}

/* ---- speed */

Test(cli_text, test_speed_when_nothing_is_known_then_no_guess)
{
    struct speed s;
    speed_init(&s);
    cr_assert_eq(speed_bytes_per_s(&s), -1);
    speed_add(&s, 100, 5);
    speed_add(&s, 200, 5);
    cr_assert_eq(speed_bytes_per_s(&s), -1);
    cr_assert_eq(speed_eta_s(&s, 200, 400), -1);
}

Test(cli_text, test_speed_when_it_changes_then_the_window_follows)
{
    struct speed s;
    uint64_t bytes = 0;
    speed_init(&s);
    for (int64_t ms = 0; ms <= 20000; ms += 100) {
        speed_add(&s, bytes += 100, ms);
    }
    cr_assert_eq(speed_bytes_per_s(&s), 1000);
    cr_assert_eq(speed_eta_s(&s, bytes, (int64_t)bytes + 1001), 2);
    cr_assert_eq(speed_eta_s(&s, bytes, -1), -1);
    cr_assert_eq(speed_eta_s(&s, bytes, 10), -1);
    for (int64_t ms = 20100; ms <= 40000; ms += 100) {
        speed_add(&s, bytes += 500, ms);
    }
    cr_assert_eq(speed_bytes_per_s(&s), 5000);
}

Test(cli_text, test_speed_when_bytes_fall_back_then_anew)
{
    struct speed s;
    speed_init(&s);
    speed_add(&s, 1000, 0);
    speed_add(&s, 9000, 1000);
    speed_add(&s, 0, 2000);
    cr_assert_eq(speed_bytes_per_s(&s), -1);
}

/* ---- backoff */

Test(cli_text, test_backoff_when_failures_go_on_then_up_to_fifteen_seconds)
{
    static const int64_t want_ms[] = {1000, 2000, 5000, 10000, 15000, 15000};
    struct backoff b = {.failures = 0};
    for (size_t i = 0; i < COUNT(want_ms); i++) {
        cr_assert_eq(backoff_next_ms(&b, -1), want_ms[i]);
    }
    backoff_reset(&b);
    cr_assert_eq(backoff_next_ms(&b, -1), 1000);
}

Test(cli_text, test_backoff_when_the_server_names_a_time_then_that_up_to_a_limit)
{
    struct backoff b = {.failures = 0};
    cr_assert_eq(backoff_next_ms(&b, 7), 7000);
    cr_assert_eq(backoff_next_ms(&b, 0), 0);
    cr_assert_eq(backoff_next_ms(&b, 86400), 300000);
    cr_assert_eq(backoff_next_ms(&b, INT64_MAX), 300000);
    cr_assert_eq(backoff_next_ms(&b, -1), 15000);
}

/* ---- where a file goes */

Test(cli_text, test_target_when_a_name_leads_out_of_the_folder_then_refused)
{
    const struct span bad[] = {SPAN(""),      SPAN("."),         SPAN(".."),
                               SPAN("../x"),  SPAN("a/b"),       SPAN("/etc/passwd"),
                               SPAN("..\\x"), SPAN("C:\\x.txt"), SPAN("a\0b")};
    char out[JOB_FILE_NAME_MAX + 1];
    for (size_t i = 0; i < COUNT(bad); i++) {
        cr_assert_not(target_name_stays(bad[i]), "%zu", i);
        cr_assert(span_eq(target_name(bad[i], (struct span){0}, out), SPAN("download")));
    }
}

Test(cli_text, test_target_when_disposition_leads_out_then_only_its_last_part)
{
    char out[JOB_FILE_NAME_MAX + 1];
    const struct span got =
        target_name(SPAN("../x"), SPAN("attachment; filename=\"../../etc/cron.d/evil\""), out);
    cr_assert(target_name_stays(got));
    cr_assert(span_eq(got, SPAN("evil")));
    cr_assert(span_eq(target_name((struct span){0}, SPAN("attachment; filename=\"..\""), out),
                      SPAN("download")));
}

Test(cli_text, test_target_when_both_name_the_file_then_the_api_wins)
{
    const struct span said = SPAN("attachment; filename=\"b.txt\"; filename*=UTF-8''%C3%A4.txt");
    char out[JOB_FILE_NAME_MAX + 1];
    cr_assert(span_eq(target_name(SPAN("a.txt"), said, out), SPAN("a.txt")));
    cr_assert(span_eq(target_name((struct span){0}, said, out), SPAN("\xC3\xA4.txt")));
}

Test(cli_text, test_target_when_the_name_is_hidden_or_has_controls_then_made_safe)
{
    char out[JOB_FILE_NAME_MAX + 1];
    cr_assert(span_eq(target_name(SPAN(".bashrc"), (struct span){0}, out), SPAN("_bashrc")));
    cr_assert(span_eq(target_name(SPAN("a\x1b[31mb"), (struct span){0}, out), SPAN("a_[31mb")));
}

Test(cli_text, test_path_when_a_copy_is_needed_then_its_number_goes_before_the_extension)
{
    static const struct {
        const char *folder, *name;
        unsigned copy;
        const char *want;
    } cases[] = {{"d", "a.txt", 0, "d/a.txt"},
                 {"d/", "a.txt", 2, "d/a (2).txt"},
                 {"/", "a", 1, "/a (1)"},
                 {".", "_x.tar.gz", 12, "./_x.tar (12).gz"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf out;
        buf_init(&out, TEXT);
        target_path(span_of(cases[i].folder), span_of(cases[i].name), cases[i].copy, &out);
        finish(&out, cases[i].want);
    }
}

Test(cli_text, test_plain_when_text_of_others_has_controls_then_they_do_not_reach_the_terminal)
{
    struct buf out;
    buf_init(&out, 64);
    terminal_plain(SPAN("a\x1b[2Jb\x7f\xC2\x9B"
                        "c\td\xC3\xA9\r"),
                   &out);
    cr_assert(span_eq(buf_as_span(&out), SPAN("a?[2Jb??c\td\xC3\xA9?")), "%.*s", (int)out.len,
              out.data);
    buf_clear(&out);
}
