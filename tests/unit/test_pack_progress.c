// links: base core
#include "core/pack_progress.h"

#include <criterion/criterion.h>

static struct pack_progress p;
static struct progress_rate rate;

static void start(size_t sources, uint64_t bytes_max)
{
    pack_progress_init(&p, sources, bytes_max, 1000);
    progress_rate_init(&rate, 0, 1000);
}

static struct meter at(uint64_t done, int64_t now_ms)
{
    return pack_progress_meter(&p, &rate, done, now_ms);
}

Test(pack_progress, test_size_when_the_sum_is_too_large_then_false_and_nothing_changes)
{
    start(3, 1000);
    cr_assert(pack_progress_size(&p, -1, 600));
    cr_assert_not(pack_progress_size(&p, -1, 401));
    cr_assert(pack_progress_size(&p, -1, 400));
    cr_assert_not(pack_progress_size(&p, -1, INT64_MAX));
    cr_assert_not(pack_progress_size(&p, 600, 601));
    cr_assert_eq(pack_progress_total(&p), -1);
    cr_assert(pack_progress_size(&p, -1, 0));
    cr_assert_eq(pack_progress_total(&p), 1000);
}

Test(pack_progress, test_size_when_the_limit_is_the_largest_number_then_a_sum_never_wraps)
{
    start(3, UINT64_MAX);
    cr_assert(pack_progress_size(&p, -1, INT64_MAX));
    cr_assert_not(pack_progress_size(&p, -1, INT64_MAX));
    cr_assert_not(pack_progress_size(&p, -1, 1));
}

Test(pack_progress, test_total_when_one_size_is_unknown_then_unknown)
{
    start(2, 1000);
    cr_assert(pack_progress_size(&p, -1, 100));
    cr_assert(pack_progress_size(&p, -1, -1));
    cr_assert_eq(pack_progress_total(&p), -1);
    cr_assert_eq(at(50, 1001).percent, -1);
    cr_assert_eq(at(50, 1001).bytes_total, -1);
    cr_assert(pack_progress_size(&p, -1, 300));
    cr_assert_eq(at(50, 1002).percent, 12);
    cr_assert_eq(at(50, 1002).bytes_total, 400);
}

Test(pack_progress, test_meter_when_the_total_grows_then_the_percentage_does_not_fall)
{
    start(2, 1000);
    cr_assert(pack_progress_size(&p, -1, 100));
    cr_assert(pack_progress_size(&p, -1, 100));
    cr_assert_eq(at(90, 1001).percent, 45);
    cr_assert(pack_progress_size(&p, 100, 500));
    cr_assert_eq(at(91, 1002).percent, 45);
    cr_assert_eq(at(300, 1003).percent, 50);
    cr_assert(pack_progress_size(&p, 500, 1));
    cr_assert_eq(at(300, 1004).percent, 99, "never 100");
}

Test(pack_progress, test_stage_when_the_packer_holds_most_of_the_time_then_packing)
{
    start(1, 1000);
    cr_assert_eq(at(0, 1000).stage, STAGE_FETCHING);
    pack_progress_held(&p, true, 1010);
    cr_assert_eq(at(0, 1100).stage, STAGE_FETCHING, "the window is not over");
    cr_assert_eq(at(0, 1250).stage, STAGE_PACKING);
    pack_progress_held(&p, false, 1300);
    cr_assert_eq(at(0, 1499).stage, STAGE_PACKING);
    cr_assert_eq(at(0, 1500).stage, STAGE_FETCHING);
    for (int64_t t = 1500; t < 1700; t += 20) { /* many short waits: half of the time */
        pack_progress_held(&p, true, t);
        pack_progress_held(&p, false, t + 10);
    }
    cr_assert_eq(at(0, 1750).stage, STAGE_FETCHING);
    pack_progress_fetched(&p);
    cr_assert_eq(at(0, 1750).stage, STAGE_PACKING);
}
