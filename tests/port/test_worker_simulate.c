// links: support wire core base zmq pthread
/* Simulated jobs, as a worker runs them. */
#include "support/child.h"
#include "support/worker_rig.h"

#include "core/simulation.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>

static struct worker_rig rig;

static void setup(void)
{
    static const char *const more[] = {"--stall-s", "1", NULL};
    worker_rig_start(&rig);
    worker_rig_worker(&rig, more);
}

static void setup_strict(void)
{
    static const char *const more[] = {"--no-allow-simulate", NULL};
    worker_rig_start(&rig);
    worker_rig_worker(&rig, more);
}

static void teardown(void)
{
    worker_rig_stop(&rig);
}

TestSuite(worker_simulate, .init = setup, .fini = teardown, .timeout = 90);

TestSuite(worker_strict, .init = setup_strict, .fini = teardown, .timeout = 90);

Test(worker_strict, fails_every_simulated_job_unless_it_is_allowed)
{
    const struct attempt a = rig_simulate(&rig, &(struct simulate){.duration_ms = 0}, 0);
    rig_failed_with(&rig, &a, "INTERNAL", false);
}

Test(worker_simulate, makes_a_real_artifact_of_the_size_that_was_asked_for)
{
    enum { SIZE = 1000003 };
    static unsigned char expected[SIZE];
    size_t len = 0;
    const struct attempt a = rig_simulate(&rig, &(struct simulate){.size_bytes = SIZE}, 0);
    const struct wire_result *r = rig_done(&rig, &a);
    cr_assert_eq(r->outcome, OUTCOME_COMPLETED);
    cr_assert_eq(r->artifact.size_bytes, SIZE);
    unsigned char *bytes = rig_artifact(&rig, &a, &len);
    cr_assert_eq(len, SIZE);
    simulation_fill(0, expected, SIZE);
    for (size_t i = 0; i < SIZE; i++) {
        cr_assert_eq(bytes[i], expected[i], "byte %zu", i);
    }
    free(bytes);
}

Test(worker_simulate, fails_the_first_attempts_of_a_jobs_life_with_the_code)
{
    const struct simulate plan = {.fail_attempts = 2, .error_code = SPAN("SOURCE_NOT_FOUND")};
    struct attempt a = rig_simulate(&rig, &plan, 0);
    rig_failed_with(&rig, &a, "SOURCE_NOT_FOUND", false);
    a = rig_simulate(&rig, &plan, 1);
    rig_failed_with(&rig, &a, "SOURCE_NOT_FOUND", false);
    a = rig_simulate(&rig, &plan, 2);
    cr_assert_eq(rig_done(&rig, &a)->outcome, OUTCOME_COMPLETED);
}

Test(worker_simulate, stalls_where_it_was_asked_to)
{
    const struct simulate plan = {.duration_ms = 1000,
                                  .progress_ms = 100,
                                  .size_bytes = 100000,
                                  .stalls = true,
                                  .stall_at_percent = 43};
    int last = -1;
    const struct attempt a = rig_simulate(&rig, &plan, 0);
    rig_failed_with(&rig, &a, "SOURCE_STALLED", true);
    const struct wire_message *m = stub_hear(&rig.brokers[0], WIRE_PROGRESS, 0);
    for (; m != NULL; m = stub_hear(&rig.brokers[0], WIRE_PROGRESS, 0)) {
        cr_assert_leq(m->progress.meter.percent, 43);
        last = m->progress.meter.percent;
    }
    cr_assert_eq(last, 43, "who watches sees where it stands still");
    cr_assert_eq(rig_files_in(&rig, "objects"), 0);
}

Test(worker_simulate, stalls_at_0_percent_and_says_so)
{
    const struct simulate plan = {
        .duration_ms = 1000, .progress_ms = 100, .size_bytes = 100000, .stalls = true};
    const struct attempt a = rig_simulate(&rig, &plan, 0);
    rig_failed_with(&rig, &a, "SOURCE_STALLED", true);
    const struct meter *m = &stub_expect(&rig.brokers[0], WIRE_PROGRESS)->progress.meter;
    cr_assert_eq(m->percent, 0);
    cr_assert_eq(m->bytes_done, 0);
}

Test(worker_simulate, stops_a_large_artifact_when_it_is_killed_and_cleans_up_at_the_next_start)
{
    const struct simulate plan = {.duration_ms = 60000, .size_bytes = 60000000, .progress_ms = 250};
    static const char *const more[] = {NULL};
    (void)rig_simulate(&rig, &plan, 0);
    while (stub_expect(&rig.brokers[0], WIRE_PROGRESS)->progress.meter.bytes_done == 0) {
    }
    cr_assert_eq(rig_files_in(&rig, "tmp"), 1);
    (void)child_stop(rig.worker, SIGKILL);
    worker_rig_worker(&rig, more);
    cr_assert_eq(rig_files_in(&rig, "tmp"), 0);
}
