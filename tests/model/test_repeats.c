// links: base core ports support hiredis
/* A command that is sent again, because its answer was lost, is done once and told so; another
 * one's effect is not taken for its own. */
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
TestSuite(repeats, .init = open_world, .fini = close_world, .timeout = 60);

static const char *retry(const char *command)
{
    world_begin(w, "lh_retry");
    world_number(w, STEPS_ACTIVE_MAX);
    world_text(w, step_id(1));
    world_text(w, command);
    return world_run(w);
}

static const char *remove_by(const char *command)
{
    world_begin(w, "lh_remove");
    world_text(w, step_id(1));
    world_text(w, command);
    return world_run(w);
}

Test(repeats, test_retry_when_the_job_was_never_over_then_active_however_often)
{
    cr_assert_str_eq(retry("7"), "i:4 i:1 i:2 ");
    cr_assert_str_eq(retry("7"), "i:4 i:1 i:2 ");
    world_compare(w);
}

Test(repeats, test_retry_when_sent_again_then_done_once_and_another_is_refused)
{
    step_fail(w, 1, 1, false, 0);
    cr_assert_str_eq(retry("7"), "i:0 i:0 i:4 ");
    cr_assert_str_eq(retry("7"), "i:0 i:0 i:4 ");
    cr_assert_str_eq(retry("8"), "i:4 i:0 i:4 ");
    cr_assert_str_eq(retry(""), "i:4 i:0 i:4 ");
    cr_assert_eq(step_job(w, 1)->retries, 1);
    world_compare(w);
}

Test(repeats, test_retry_when_sent_again_after_the_next_end_then_not_done_twice)
{
    step_fail(w, 1, 1, false, 0);
    retry("7");
    cr_assert_eq(step_claim(w, 0), 1);
    step_fail(w, 1, 2, false, 0);
    cr_assert_str_eq(retry("7"), "i:0 i:3 i:6 ");
    cr_assert_str_eq(retry("8"), "i:0 i:0 i:7 ");
    world_compare(w);
}

Test(repeats, test_remove_when_sent_again_then_done_and_another_finds_nothing)
{
    cr_assert_str_eq(remove_by("7"), "i:4 i:1 i:2 ");
    step_complete(w, 1, 1);
    cr_assert_str_eq(remove_by("7"), "i:0 i:2 i:3 ");
    cr_assert_str_eq(remove_by("7"), "i:0 i:0 i:0 ");
    cr_assert_str_eq(remove_by("8"), "i:7 i:0 i:0 ");
    cr_assert_str_eq(remove_by(""), "i:7 i:0 i:0 ");
    world_compare(w);
}

Test(repeats, test_remove_when_there_never_was_a_job_then_gone_however_often)
{
    step_complete(w, 1, 1);
    remove_by("");
    cr_assert_str_eq(remove_by("7"), "i:7 i:0 i:0 ");
    cr_assert_str_eq(remove_by("7"), "i:7 i:0 i:0 ");
    world_compare(w);
}
