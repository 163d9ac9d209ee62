// links: base core ports support hiredis
/* What an attempt may have stored without a record naming it is named for deletion. */
#include "tests/model/steps.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

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
TestSuite(garbage, .init = open_world, .fini = close_world, .timeout = 60);

enum { DOUBT_MS = 5000 };

static const char *named(void)
{
    world_begin(w, "lh_expire");
    world_number(w, STEPS_RECORD_TTL_MS);
    world_number(w, 10);
    return world_run(w);
}

/* Only the key of attempt `fence` of job 1, and not at once. */
static void expect_named(int fence)
{
    char expected[64];
    cr_assert_str_eq(named(), "i:0 ");
    w->now_ms += DOUBT_MS;
    (void)snprintf(expected, sizeof(expected), "i:0 b:%s.%d ", step_id(1), fence);
    cr_assert_str_eq(named(), expected);
    world_compare(w);
}

static void expect_nothing(void)
{
    w->now_ms += DOUBT_MS;
    cr_assert_str_eq(named(), "i:0 ");
    world_compare(w);
}

Test(garbage, test_end_when_its_worker_says_that_nothing_was_stored_then_nothing_is_named)
{
    step_fail(w, 1, 1, true, 0);
    step_claim(w, 0);
    step_end(w, 1, 2, "2", "b1");
    expect_nothing();
}

Test(garbage, test_expire_when_more_is_due_than_one_step_takes_then_it_says_so)
{
    enum { MANY = 210 };
    step_complete(w, 1, 1);
    step_submit_many(w, 2, MANY, "");
    for (unsigned n = 2; n < 2 + MANY; n++) {
        step_cancel(w, n);
    }
    w->now_ms += STEPS_RECORD_TTL_MS;
    const char *reply = named();
    cr_assert_eq(strncmp(reply, "i:1 ", 4), 0, "%s", reply);
    cr_assert_eq(model_count(w->model), 1 + MANY - 200);
    reply = named();
    cr_assert_eq(strncmp(reply, "i:0 ", 4), 0, "%s", reply);
    cr_assert_eq(model_count(w->model), 0);
    world_compare(w);
}

Test(garbage, test_complete_when_recorded_and_repeated_then_its_artifact_is_not_named)
{
    step_complete(w, 1, 1);
    step_complete(w, 1, 1);
    expect_nothing();
}

Test(garbage, test_reap_when_the_worker_is_gone_then_what_it_may_have_stored_is_named)
{
    step_renew(w, 1, 1, "b1");
    step_wait(w, 20000);
    cr_assert_eq(step_job(w, 1)->status, JOB_QUEUED);
    expect_named(1);
}

Test(garbage, test_reap_when_canceled_or_timed_out_then_named)
{
    step_renew(w, 1, 1, "b1");
    step_cancel(w, 1);
    step_wait(w, 20000);
    cr_assert_eq(step_job(w, 1)->status, JOB_CANCELED);
    expect_named(1);
}

Test(garbage, test_lost_and_canceled_then_named)
{
    step_renew(w, 1, 1, "b1");
    step_end(w, 1, 1, "4", "b1");
    expect_named(1);
    step_claim(w, 0);
    step_cancel(w, 1);
    step_end(w, 1, 2, "3", "b1");
    expect_named(2);
}

Test(garbage, test_complete_when_cancel_was_first_then_named)
{
    step_cancel(w, 1);
    step_complete(w, 1, 1);
    expect_named(1);
}

Test(garbage, test_fail_when_the_store_refused_then_named_for_it_may_be_there)
{
    char arguments[160];
    (void)snprintf(arguments, sizeof(arguments),
                   "b1 1000 1000 %s 1 1 STORE_UNAVAILABLE full 1 0 ''", step_id(1));
    world_call(w, "lh_finish", arguments);
    expect_named(1);
}

Test(garbage, test_complete_when_too_late_then_named)
{
    step_wait(w, 11000);
    cr_assert_eq(step_job(w, 1)->status, JOB_QUEUED);
    w->now_ms += DOUBT_MS;
    (void)named();
    step_complete(w, 1, 1);
    expect_named(1);
}

Test(garbage, test_complete_when_the_record_was_deleted_then_named)
{
    step_fail(w, 1, 1, false, 0);
    world_begin(w, "lh_remove");
    world_text(w, step_id(1));
    world_text(w, "");
    world_run(w);
    step_complete(w, 1, 1);
    expect_named(1);
}

Test(garbage, test_complete_when_its_fence_is_still_to_come_then_not_named)
{
    step_end(w, 1, 1, "2", "b1");
    step_complete(w, 1, 2);
    expect_nothing();
}
