// links: base core
#include "core/progress_rate.h"
#include "core/stall_watch.h"

#include <criterion/criterion.h>

Test(progress_rate, says_100_only_of_a_completed_job)
{
    cr_assert_eq(progress_percent(5, -1), -1);
    cr_assert_eq(progress_percent(0, 0), 0);
    cr_assert_eq(progress_percent(0, 1000), 0);
    cr_assert_eq(progress_percent(589, 1000), 58);
    cr_assert_eq(progress_percent(1000, 1000), 99);
    cr_assert_eq(progress_percent(2000, 1000), 99);
    cr_assert_eq(progress_percent(29, 100), 29);
    cr_assert_eq(progress_percent(57, 100), 57);
    cr_assert_eq(progress_percent(UINT64_MAX / 4, INT64_MAX), 49);
    cr_assert_eq(progress_percent(INT64_MAX - 1, INT64_MAX), 99);
}

Test(progress_rate, knows_no_eta_without_a_total_or_a_rate)
{
    struct progress_rate r;
    progress_rate_init(&r, 0, 1000);
    cr_assert_eq(progress_rate_eta_s(&r, 0, 1000), -1);
    progress_rate_sample(&r, 100, 2000);
    cr_assert_eq(progress_rate_eta_s(&r, 100, -1), -1);
    cr_assert_eq(progress_rate_eta_s(&r, 100, 1000), 9);
    cr_assert_eq(progress_rate_eta_s(&r, 1000, 1000), 0);
}

Test(progress_rate, follows_a_change_of_speed_without_jumping)
{
    struct progress_rate r;
    progress_rate_init(&r, 0, 0);
    for (int64_t t = 250; t <= 20000; t += 250) {
        progress_rate_sample(&r, (uint64_t)t * 1000, t);
    }
    cr_assert_float_eq(r.bytes_per_ms, 1000.0, 0.001);
    progress_rate_sample(&r, 20000 * 1000, 20250);
    cr_assert_gt(r.bytes_per_ms, 900.0);
    for (int64_t t = 20500; t <= 80000; t += 250) {
        progress_rate_sample(&r, 20000 * 1000, t);
    }
    cr_assert_lt(r.bytes_per_ms, 1.0);
}

Test(progress_rate, gives_up_on_an_eta_of_days)
{
    struct progress_rate r;
    progress_rate_init(&r, 0, 0);
    progress_rate_sample(&r, 1, 1000);
    cr_assert_eq(progress_rate_eta_s(&r, 1, INT64_MAX), -1);
}

Test(progress_rate, lets_four_reports_a_second_through_and_none_without_news)
{
    struct progress_gate g;
    struct meter m = {.percent = 0, .eta_s = -1, .bytes_total = -1};
    int passed = 0;
    progress_gate_init(&g, 0);
    for (int64_t t = 0; t < 10000; t++) {
        m.bytes_done = (uint64_t)t;
        passed += progress_gate_pass(&g, &m, t) ? 1 : 0;
    }
    cr_assert_eq(passed, 39);
    for (int64_t t = 10000; t < 20000; t++) {
        passed += progress_gate_pass(&g, &m, t) ? 1 : 0;
    }
    cr_assert_leq(passed, 40);
}

Test(stall_watch, finds_less_than_a_step_in_a_window)
{
    struct stall_watch w;
    stall_watch_init(&w, 0);
    cr_assert_not(stall_watch_stalled(&w, 0, 19999, 1024, 20000));
    cr_assert(stall_watch_stalled(&w, 1023, 20000, 1024, 20000));
    stall_watch_init(&w, 0);
    cr_assert_not(stall_watch_stalled(&w, 1024, 20000, 1024, 20000));
    cr_assert_not(stall_watch_stalled(&w, 2047, 39999, 1024, 20000));
    cr_assert(stall_watch_stalled(&w, 2047, 40000, 1024, 20000));
}
