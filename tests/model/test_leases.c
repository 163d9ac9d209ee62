// links: base core ports support hiredis
/* Leases: who may be taken for lost, and when nobody may. */
#include "tests/model/steps.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct world *w;

static void open_world(void)
{
    w = world_open();
    step_tick(w);
    step_submit(w, 1, "alice", "w1");
}
static void close_world(void)
{
    world_close(&w);
}
TestSuite(leases, .init = open_world, .fini = close_world, .timeout = 60);

Test(leases, test_reap_when_the_hand_over_was_lost_then_queued_after_10_s_uncharged)
{
    step_wait(w, 9000);
    cr_assert_eq(step_job(w, 1)->status, JOB_RUNNING);
    step_wait(w, 1000);
    cr_assert_eq(step_job(w, 1)->status, JOB_QUEUED);
    cr_assert_eq(step_job(w, 1)->crashes, 0);
    world_compare(w);
}

Test(leases, test_reap_when_the_worker_was_seen_then_a_crash_after_20_s)
{
    step_renew(w, 1, 1, "b1");
    step_wait(w, 19000);
    cr_assert_eq(step_job(w, 1)->status, JOB_RUNNING);
    step_wait(w, 1000);
    cr_assert_eq(step_job(w, 1)->status, JOB_QUEUED);
    cr_assert_eq(step_job(w, 1)->crashes, 1);
    world_compare(w);
}

Test(leases, test_reap_when_nobody_reaped_for_long_then_leases_are_extended_once)
{
    step_renew(w, 1, 1, "b1");
    w->now_ms += 60000 - 1;
    step_tick(w);
    cr_assert_eq(step_job(w, 1)->status, JOB_RUNNING, "all brokers were away");
    step_wait(w, 19000);
    cr_assert_eq(step_job(w, 1)->status, JOB_RUNNING);
    step_wait(w, 1000);
    cr_assert_eq(step_job(w, 1)->status, JOB_QUEUED, "and nobody renewed since");
    world_compare(w);
}

Test(leases, test_reap_when_many_leases_wait_for_grace_then_it_is_done_in_steps)
{
    for (unsigned n = 0; n < 2500; n++) {
        char words[96];
        (void)snprintf(words, sizeof(words), "ZADD lh:{0}:lease 1 00x%u", n);
        world_do(w, words);
    }
    w->now_ms += 60000;
    world_begin(w, "lh_tick");
    world_number(w, STEPS_RECORD_TTL_MS);
    cr_assert_str_eq(world_run_real(w), "i:0 i:-1 i:1 ");
    cr_assert_str_eq(world_run_real(w), "i:0 i:-1 i:1 ");
    cr_assert_str_eq(world_run_real(w), "i:0 i:-1 i:0 ");
    world_do(w, "ZCOUNT lh:{0}:lease -inf 1767000079999");
    cr_assert_str_eq(w->reply.data, "i:0 ");
    world_reset(w, 0);
    world_compare(w);
}

Test(leases, test_reap_when_the_deadline_has_passed_then_a_charged_timeout_with_backoff)
{
    for (int64_t s = 0; s < 65; s += 5) {
        step_renew(w, 1, 1, "b1");
        step_wait(w, 5000);
    }
    cr_assert_eq(step_job(w, 1)->status, JOB_QUEUED);
    cr_assert_eq(step_job(w, 1)->attempts, 1);
    cr_assert_eq(step_job(w, 1)->crashes, 0);
    world_compare(w);
}

Test(leases, test_reap_when_canceled_without_a_worker_then_canceled_with_the_lease)
{
    step_cancel(w, 1);
    step_wait(w, 10000);
    cr_assert_eq(step_job(w, 1)->status, JOB_CANCELED);
    world_compare(w);
}

Test(leases, test_reap_when_the_clock_steps_back_then_a_lost_job_still_returns_in_20_s)
{
    step_renew(w, 1, 1, "b1");
    w->now_ms -= 3600000;
    step_wait(w, 19000);
    cr_assert_eq(step_job(w, 1)->status, JOB_RUNNING);
    step_wait(w, 3000);
    cr_assert_eq(step_job(w, 1)->status, JOB_QUEUED);
    world_compare(w);
}

Test(leases, test_renew_when_the_deadline_is_near_then_not_past_its_margin)
{
    for (int64_t s = 0; s < 55; s += 5) {
        step_renew(w, 1, 1, "b1");
        step_wait(w, 5000);
    }
    step_renew(w, 1, 1, "b1");
    cr_assert_eq(step_job(w, 1)->at_score, step_job(w, 1)->deadline_ms + 5000);
    world_compare(w);
}
