// links: base core ports support hiredis
/* Caps, quotas, keys: what a user may have, and that one key makes one job. */
#include "tests/model/steps.h"

#include <criterion/criterion.h>

static struct world *w;

static void open_world(void)
{
    w = world_open();
}
static void close_world(void)
{
    world_close(&w);
}
TestSuite(limits, .init = open_world, .fini = close_world, .timeout = 60);

Test(limits, test_claim_when_a_user_is_at_the_cap_then_its_jobs_step_aside_and_return_in_order)
{
    step_submit_many(w, 1, 4, "alice");
    step_submit(w, 11, "bob", NULL);
    cr_assert_eq(step_claim(w, 1), 1);
    cr_assert_eq(step_claim(w, 1), 11);
    cr_assert_eq(step_claim(w, 1), 0, "alice runs one and may run one");
    step_complete(w, 11, 1);
    cr_assert_eq(step_claim(w, 1), 0);
    step_complete(w, 1, 1);
    cr_assert_eq(step_claim(w, 1), 2);
    cr_assert_eq(step_claim(w, 1), 0);
    world_compare(w);
}

Test(limits, test_cancel_when_the_one_that_came_back_is_canceled_then_the_next_comes_back)
{
    step_submit_many(w, 1, 4, "alice");
    cr_assert_eq(step_claim(w, 1), 1);
    cr_assert_eq(step_claim(w, 1), 0);
    step_complete(w, 1, 1);
    step_cancel(w, 2);
    cr_assert_eq(step_claim(w, 1), 3);
    world_compare(w);
}

Test(limits, test_submit_when_the_user_is_at_the_running_cap_then_parked_despite_credit)
{
    world_call(w, "lh_submit",
               "b1 100 10 1 1000 2 w1 w1 "
               "00000000001 eve 1 5 0 60000 3 spec '' '' "
               "00000000002 eve 1 5 0 60000 3 spec '' ''");
    cr_assert_eq(model_find(w->model, "00000000002")->at, AT_PARKED);
    world_compare(w);
}

Test(limits, test_submit_when_the_user_has_too_many_active_jobs_then_quota_within_the_batch_too)
{
    cr_assert_str_eq(world_call(w, "lh_submit",
                                "b1 100 2 0 1000 0 "
                                "00000000001 eve 1 5 0 60000 3 spec '' '' "
                                "00000000002 eve 1 5 0 60000 3 spec '' '' "
                                "00000000003 eve 1 5 0 60000 3 spec '' '' "
                                "00000000004 '' 1 5 0 60000 3 spec '' ''"),
                     "i:0 i:0 i:0 i:0 i:5 i:0 i:0 i:0 ");
    world_compare(w);
}

Test(limits, test_submit_when_the_queue_is_full_then_refused_and_a_repeat_still_exists)
{
    world_call(w, "lh_submit", "b1 1 0 0 1000 0 00000000001 '' 1 5 0 60000 3 spec '' ''");
    cr_assert_str_eq(world_call(w, "lh_submit",
                                "b1 1 0 0 1000 0 "
                                "00000000001 '' 1 5 0 60000 3 spec '' '' "
                                "00000000002 '' 1 5 0 60000 3 spec '' ''"),
                     "i:2 i:0 i:6 i:0 ");
    world_compare(w);
}

Test(limits, test_submit_when_one_key_comes_twice_in_a_batch_then_one_job)
{
    cr_assert_str_eq(world_call(w, "lh_submit",
                                "b1 100 0 0 86400000 2 w1 w1 "
                                "00000000001 '' 1 5 0 60000 3 spec hash body "
                                "00000000002 '' 1 5 0 60000 3 spec hash body "
                                "00000000003 '' 1 5 0 60000 3 spec hash other "
                                "00000000001 '' 1 5 0 60000 3 spec hash body"),
                     "i:1 i:0 i:3 b:00000000001 i:4 i:0 i:2 i:0 ");
    cr_assert_eq(model_count(w->model), 1);
    world_compare(w);
}

Test(limits, test_submit_when_the_key_is_another_users_then_another_job)
{
    cr_assert_str_eq(world_call(w, "lh_submit",
                                "b1 100 0 0 86400000 0 "
                                "00000000001 eve 1 5 0 60000 3 spec hash body "
                                "00000000002 bob 1 5 0 60000 3 spec hash body"),
                     "i:0 i:0 i:0 i:0 ");
    world_compare(w);
}

Test(limits, test_submit_when_refused_then_its_key_is_not_kept)
{
    cr_assert_str_eq(world_call(w, "lh_submit",
                                "b1 0 0 0 86400000 0 00000000001 '' 1 5 0 60000 3 spec hash body"),
                     "i:6 i:0 ");
    cr_assert_str_eq(world_call(w, "lh_submit",
                                "b1 9 0 0 86400000 0 00000000002 '' 1 5 0 60000 3 spec hash body"),
                     "i:0 i:0 ");
    world_compare(w);
}

Test(limits, test_retry_when_asked_a_fourth_time_then_limit)
{
    step_submit(w, 1, "alice", "w1");
    for (int64_t fence = 1; fence <= 4; fence++) {
        step_fail(w, 1, fence, false, 0);
        const char *reply = step_retry(w, 1);
        if (fence == 4) {
            cr_assert_str_eq(reply, "i:6 i:3 i:12 ");
        } else {
            cr_assert_eq(step_job(w, 1)->attempts, 0);
            cr_assert_str_eq(step_job(w, 1)->error_code, "");
            cr_assert_eq(step_claim(w, 0), 1);
        }
    }
    cr_assert_eq(step_job(w, 1)->failures, 4, "of the job's life");
    world_compare(w);
}

Test(limits, test_retry_when_the_job_completed_or_is_active_then_refused)
{
    step_submit(w, 1, "", "w1");
    cr_assert_str_eq(step_retry(w, 1), "i:4 i:1 i:2 ");
    step_complete(w, 1, 1);
    cr_assert_str_eq(step_retry(w, 1), "i:5 i:2 i:3 ");
    cr_assert_str_eq(step_retry(w, 2), "i:7 i:0 i:0 ");
    world_compare(w);
}

Test(limits, test_log_when_a_job_changes_often_then_the_newest_64_entries_are_kept)
{
    step_submit(w, 1, "", "w1");
    for (int64_t fence = 1; fence <= 60; fence++) {
        step_end(w, 1, fence, "2", "b1");
        cr_assert_eq(step_claim(w, 0), 1);
    }
    size_t entries = 1;
    for (const char *p = step_job(w, 1)->log; *p != '\0'; p++) {
        entries += *p == ';' ? 1 : 0;
    }
    cr_assert_eq(entries, 64);
    cr_assert_eq(step_job(w, 1)->version, 122);
    world_compare(w);
}
