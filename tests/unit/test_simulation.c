// links: base core
#include "core/simulation.h"

#include <criterion/criterion.h>

static struct simulation plan(struct simulate s, uint32_t failures)
{
    struct simulation sim;
    simulation_init(&sim, &s, failures);
    return sim;
}

Test(simulation, is_over_at_once_when_it_is_to_do_nothing)
{
    const struct simulation s = plan((struct simulate){.duration_ms = 0}, 0);
    const struct simulation_state st = simulation_at(&s, 0, 0);
    cr_assert(st.time_over);
    cr_assert_eq(st.bytes_due, 0);
    cr_assert_eq(s.fault.error, JOB_ERROR_NONE);
}

Test(simulation, fails_as_often_as_asked_with_a_code_of_the_list)
{
    const struct simulate s = {.fail_attempts = 2, .error_code = SPAN("TIMEOUT")};
    cr_assert_eq(plan(s, 0).fault.error, JOB_ERROR_TIMEOUT);
    cr_assert(plan(s, 1).fault.retryable);
    cr_assert_eq(plan(s, 2).fault.error, JOB_ERROR_NONE);
    const struct simulate strange = {.fail_attempts = 1, .error_code = SPAN("NOPE")};
    cr_assert_eq(plan(strange, 0).fault.error, JOB_ERROR_INTERNAL);
    cr_assert_not(plan(strange, 0).fault.retryable);
}

Test(simulation, moves_bytes_and_percent_with_the_time)
{
    const struct simulation s = plan(
        (struct simulate){.duration_ms = 1000, .progress_ms = 250, .size_bytes = UINT64_C(1) << 40},
        0);
    cr_assert_eq(simulation_at(&s, 0, 0).meter.percent, 0);
    cr_assert_eq(simulation_at(&s, 500, 0).bytes_due, UINT64_C(1) << 39);
    cr_assert_eq(simulation_at(&s, 749, 0).meter.percent, 50, "seen only at report times");
    cr_assert_eq(simulation_at(&s, 750, 0).meter.percent, 75);
    cr_assert_eq(simulation_at(&s, 750, 0).meter.eta_s, 1);
    cr_assert_not(simulation_at(&s, 999, 0).time_over);
    cr_assert(simulation_at(&s, 1000, 0).time_over);
    cr_assert_eq(simulation_at(&s, 5000, 0).bytes_due, UINT64_C(1) << 40);
    cr_assert_eq(simulation_at(&s, 5000, 0).meter.percent, 99);
}

Test(simulation, stops_at_its_stall_and_never_ends)
{
    const struct simulation s = plan(
        (struct simulate){
            .duration_ms = 1000, .progress_ms = 100, .stalls = true, .stall_at_percent = 40},
        0);
    cr_assert_eq(simulation_at(&s, 399, 0).stalled_ms, 0);
    cr_assert_eq(simulation_at(&s, 400, 0).stalled_ms, 1);
    cr_assert_eq(simulation_at(&s, 9000, 0).meter.percent, 40);
    cr_assert_not(simulation_at(&s, 9000, 0).time_over);
    cr_assert_eq(simulation_at(&s, 9000, 0).next_ms, -1);
    const struct simulation at_once =
        plan((struct simulate){.stalls = true, .stall_at_percent = 100}, 0);
    cr_assert_not(simulation_at(&at_once, 0, 0).time_over);
}

Test(simulation, never_stalls_when_it_was_not_asked_to)
{
    const struct simulation s = plan((struct simulate){.duration_ms = 1000}, 0);
    cr_assert_eq(simulation_at(&s, 0, 0).stalled_ms, 0);
    cr_assert(simulation_at(&s, 1000, 0).time_over);
}

Test(simulation, stalls_at_once_when_that_is_at_0_percent)
{
    const struct simulation s = plan(
        (struct simulate){
            .duration_ms = 1000, .progress_ms = 100, .size_bytes = 1000, .stalls = true},
        0);
    cr_assert_eq(simulation_at(&s, 0, 0).stalled_ms, 1);
    cr_assert_eq(simulation_at(&s, 5000, 0).bytes_due, 0);
    cr_assert_eq(simulation_at(&s, 5000, 0).meter.percent, 0);
    cr_assert_not(simulation_at(&s, 5000, 0).time_over);
}

Test(simulation, shows_the_percent_of_its_stall_whatever_its_reports_and_its_time)
{
    const struct simulate rare = {
        .duration_ms = 1000, .progress_ms = 700, .stalls = true, .stall_at_percent = 45};
    const struct simulation s = plan(rare, 0);
    cr_assert_eq(simulation_at(&s, 449, 0).meter.percent, 0);
    cr_assert_eq(simulation_at(&s, 450, 0).meter.percent, 45);
    const struct simulate timeless = {
        .size_bytes = 200, .progress_ms = 250, .stalls = true, .stall_at_percent = 30};
    const struct simulation t = plan(timeless, 0);
    cr_assert_eq(simulation_at(&t, 0, 0).bytes_due, 60);
    cr_assert_eq(simulation_at(&t, 0, 0).meter.percent, 30);
}

Test(simulation, says_when_it_wants_to_be_asked_again)
{
    const struct simulation s = plan((struct simulate){.duration_ms = 1000, .progress_ms = 250}, 0);
    cr_assert_eq(simulation_at(&s, 0, 0).next_ms, 250);
    cr_assert_eq(simulation_at(&s, 250, 0).next_ms, 500);
    cr_assert_eq(simulation_at(&s, 990, 0).next_ms, 1000);
    const struct simulation quiet = plan((struct simulate){.duration_ms = 1000}, 0);
    cr_assert_eq(simulation_at(&quiet, 5, 0).next_ms, 1000);
}

Test(simulation, makes_the_same_bytes_whatever_the_pieces)
{
    unsigned char whole[70000], piece[70000];
    simulation_fill(0, whole, sizeof whole);
    simulation_fill(0, piece, 333);
    simulation_fill(333, piece + 333, sizeof piece - 333);
    cr_assert_arr_eq(whole, piece, sizeof whole);
}
