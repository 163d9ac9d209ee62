// links: base core ports support hiredis
/* Who is next: fair among users, first come first served within one, priorities first of all. */
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
TestSuite(fairness, .init = open_world, .fini = close_world, .timeout = 60);

Test(fairness, test_claim_when_another_user_has_1000_jobs_waiting_then_the_newcomer_is_next)
{
    for (unsigned n = 1; n <= 1000; n += 100) {
        step_submit_many(w, n, 100, "alice");
    }
    cr_assert_eq(step_claim(w, 0), 1);
    cr_assert_eq(step_claim(w, 0), 2);
    step_submit(w, 2001, "bob", NULL);
    cr_assert_eq(step_claim(w, 0), 2001);
    cr_assert_eq(step_claim(w, 0), 3);
    world_compare(w);
}

Test(fairness, test_claim_when_two_users_wait_then_they_take_turns)
{
    step_submit_many(w, 1, 4, "alice");
    step_submit_many(w, 11, 4, "bob");
    static const unsigned expected[] = {1, 11, 2, 12, 3, 13, 4, 14};
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        cr_assert_eq(step_claim(w, 0), expected[i], "claim %zu", i);
    }
    world_compare(w);
}

Test(fairness, test_claim_when_jobs_have_no_user_then_first_come_first_served)
{
    step_submit_many(w, 1, 20, "");
    for (unsigned n = 1; n <= 20; n++) {
        cr_assert_eq(step_claim(w, 0), n);
    }
    world_compare(w);
}

Test(fairness, test_claim_when_priorities_differ_then_the_higher_goes_first)
{
    step_submit_priority(w, 1, "", 0);
    step_submit_priority(w, 2, "", 5);
    step_submit_priority(w, 3, "", 9);
    cr_assert_eq(step_claim(w, 0), 3);
    cr_assert_eq(step_claim(w, 0), 2);
    cr_assert_eq(step_claim(w, 0), 1);
    world_compare(w);
}

Test(fairness, test_claim_when_a_hog_uses_high_priority_then_others_do_not_pay_in_their_band)
{
    step_submit_many(w, 1, 200, "alice");
    step_submit_priority(w, 900, "alice", 9);
    cr_assert_eq(step_claim(w, 0), 900);
    step_submit(w, 901, "bob", NULL);
    cr_assert_eq(step_claim(w, 0), 1, "its tag ties with bob's, and it is older");
    cr_assert_eq(step_claim(w, 0), 901);
    world_compare(w);
}

Test(fairness, test_claim_when_attempts_took_long_then_their_user_waits_longer)
{
    step_submit_many(w, 1, 3, "alice");
    step_submit_many(w, 11, 8, "bob");
    cr_assert_eq(step_claim(w, 0), 1);
    step_wait(w, 5000);
    step_complete(w, 1, 1);
    step_submit(w, 4, "alice", NULL);
    unsigned turns = 0;
    while (step_claim(w, 0) != 4) {
        turns++;
    }
    cr_assert_eq(turns, 9, "two more of alice, seven of bob's eight: 4 s more than the least cost");
    world_compare(w);
}

Test(fairness, test_claim_when_a_job_was_released_then_it_is_at_its_old_place)
{
    step_submit_many(w, 1, 5, "alice");
    cr_assert_eq(step_claim(w, 0), 1);
    cr_assert_eq(step_claim(w, 0), 2);
    step_end(w, 1, 1, "2", "b1");
    cr_assert_eq(step_claim(w, 0), 1);
    cr_assert_eq(step_claim(w, 0), 3);
    world_compare(w);
}

Test(fairness, test_submit_when_jobs_wait_then_credit_is_not_jumped_at)
{
    step_submit(w, 1, "", NULL);
    cr_assert_str_eq(step_submit(w, 2, "", "w1"), "i:0 i:0 ");
    cr_assert_eq(step_claim(w, 0), 1);
    cr_assert_eq(step_claim(w, 0), 2);
    cr_assert_str_eq(step_submit(w, 3, "", "w1"), "i:1 i:0 ");
    world_compare(w);
}

Test(fairness, test_submit_when_a_batch_has_priorities_then_credit_goes_to_the_highest)
{
    world_call(w, "lh_submit",
               "b1 100 10 0 1000 1 w1 "
               "00000000001 '' 1 5 0 60000 3 spec '' '' "
               "00000000002 '' 1 9 0 60000 3 spec '' ''");
    cr_assert_eq(model_find(w->model, "00000000001")->status, JOB_QUEUED);
    cr_assert_eq(model_find(w->model, "00000000002")->status, JOB_RUNNING);
    world_compare(w);
}
