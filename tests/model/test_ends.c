// links: base core ports support hiredis
/* How attempts end: once, by their owner, and never against a cancel. */
#include "tests/model/steps.h"

#include <criterion/criterion.h>

static struct world *w;

static void open_world(void)
{
    w = world_open();
    step_submit(w, 1, "alice", "w1");
}
static void close_world(void)
{
    world_close(&w);
}
TestSuite(ends, .init = open_world, .fini = close_world, .timeout = 60);

Test(ends, test_complete_when_repeated_then_told_so_and_recorded_once)
{
    cr_assert_str_eq(step_complete(w, 1, 1), "i:0 i:2 i:3 ");
    cr_assert_str_eq(step_complete(w, 1, 1), "i:1 i:2 i:3 ");
    cr_assert_str_eq(step_fail(w, 1, 1, true, 0), "i:2 i:0 i:0 ");
    world_compare(w);
}

Test(ends, test_complete_when_cancel_was_first_then_refused_and_canceled)
{
    cr_assert_str_eq(step_cancel(w, 1), "i:1 i:1 i:2 ");
    cr_assert_str_eq(step_complete(w, 1, 1), "i:3 i:4 i:3 ");
    cr_assert_str_eq(step_complete(w, 1, 1), "i:3 i:4 i:3 ");
    cr_assert_str_eq(step_cancel(w, 1), "i:2 i:4 i:3 ");
    cr_assert_str_eq(step_job(w, 1)->artifact_key, "");
    world_compare(w);
}

Test(ends, test_cancel_when_complete_was_first_then_terminal)
{
    step_complete(w, 1, 1);
    cr_assert_str_eq(step_cancel(w, 1), "i:3 i:2 i:3 ");
    cr_assert_eq(step_job(w, 1)->status, JOB_COMPLETED);
    world_compare(w);
}

Test(ends, test_canceled_when_the_worker_says_so_then_finished_and_repeats_say_repeated)
{
    step_cancel(w, 1);
    cr_assert_str_eq(step_renew(w, 1, 1, "b1"), "i:2 i:0 i:0 ");
    cr_assert_str_eq(step_end(w, 1, 1, "3", "b1"), "i:0 i:4 i:3 ");
    cr_assert_str_eq(step_end(w, 1, 1, "3", "b1"), "i:1 i:4 i:3 ");
    world_compare(w);
}

Test(ends, test_fail_when_repeated_after_the_requeue_then_charged_once)
{
    cr_assert_str_eq(step_fail(w, 1, 1, true, 5000), "i:0 i:0 i:3 ");
    cr_assert_str_eq(step_fail(w, 1, 1, true, 5000), "i:1 i:0 i:3 ");
    cr_assert_eq(step_job(w, 1)->attempts, 1);
    step_wait(w, 5000);
    cr_assert_eq(step_claim(w, 0), 1);
    cr_assert_str_eq(step_fail(w, 1, 1, true, 5000), "i:2 i:0 i:0 ", "another attempt owns it");
    world_compare(w);
}

Test(ends, test_fail_when_attempts_are_used_up_then_failed_with_its_error)
{
    for (int64_t fence = 1; fence <= 3; fence++) {
        step_fail(w, 1, fence, true, 0);
        if (fence < 3) {
            cr_assert_eq(step_claim(w, 0), 1);
        }
    }
    cr_assert_eq(step_job(w, 1)->status, JOB_FAILED);
    cr_assert_str_eq(step_job(w, 1)->error_code, "SOURCE_UNREACHABLE");
    world_compare(w);
}

Test(ends, test_lost_when_another_broker_keeps_it_now_then_stale)
{
    step_renew(w, 1, 1, "b2");
    cr_assert_str_eq(step_end(w, 1, 1, "4", "b1"), "i:2 i:0 i:0 ");
    cr_assert_str_eq(step_end(w, 1, 1, "4", "b2"), "i:0 i:0 i:3 ");
    cr_assert_eq(step_job(w, 1)->crashes, 1);
    world_compare(w);
}

Test(ends, test_lost_when_it_crashes_the_third_worker_then_failed)
{
    for (int64_t fence = 1; fence <= 3; fence++) {
        step_renew(w, 1, fence, "b1");
        step_end(w, 1, fence, "4", "b1");
        if (fence < 3) {
            cr_assert_eq(step_claim(w, 0), 1);
        }
    }
    cr_assert_eq(step_job(w, 1)->status, JOB_FAILED);
    cr_assert_str_eq(step_job(w, 1)->error_code, "WORKER_LOST");
    cr_assert_eq(step_job(w, 1)->attempts, 0, "a crash is no charged failure");
    world_compare(w);
}

Test(ends, test_released_when_repeated_then_repeated_and_nothing_charged)
{
    cr_assert_str_eq(step_end(w, 1, 1, "2", "b1"), "i:0 i:0 i:3 ");
    cr_assert_str_eq(step_end(w, 1, 1, "2", "b1"), "i:1 i:0 i:3 ");
    cr_assert_eq(step_job(w, 1)->attempts + step_job(w, 1)->crashes, 0);
    world_compare(w);
}

Test(ends, test_complete_when_the_lease_was_reaped_then_stale)
{
    step_wait(w, 12000);
    cr_assert_eq(step_job(w, 1)->status, JOB_QUEUED);
    cr_assert_str_eq(step_complete(w, 1, 1), "i:2 i:0 i:0 ");
    world_compare(w);
}
