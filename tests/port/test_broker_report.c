// links: support wire ports core base hiredis zmq
/* What a broker tells operators, and workers that an operator takes out of service. */
#include "tests/port/broker_fixture.h"

#include "base/clock.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(broker_report, .init = setup, .fini = teardown, .timeout = 60);

static const struct wire_report *survey(void)
{
    const uint64_t id = talker_send(&gateway, (struct wire_message){.kind = WIRE_SURVEY});
    const struct wire_message *m = talker_answer(&gateway, id, TALKER_PATIENCE_MS);
    cr_assert_not_null(m);
    cr_assert_eq(m->kind, WIRE_REPORT);
    return m->report;
}

static bool order(const char *worker_id, bool on)
{
    const uint64_t id =
        talker_send(&gateway, (struct wire_message){.kind = WIRE_DRAIN_WORKER,
                                                    .drain_worker = {span_of(worker_id), on}});
    const struct wire_message *m = talker_answer(&gateway, id, TALKER_PATIENCE_MS);
    cr_assert_not_null(m);
    cr_assert_eq(m->kind, WIRE_DRAIN_REPLY);
    return m->drain_reply.known;
}

static void beat(bool drained)
{
    (void)talker_send(
        &worker, (struct wire_message){.kind = WIRE_HEARTBEAT, .heartbeat = {.drained = drained}});
}

static uint64_t total(enum tally_event event)
{
    return survey()->totals.of[event];
}

Test(broker_report, test_broker_report_without_anything_says_nothing)
{
    const struct wire_report *r = survey();
    cr_expect_eq(r->workers_count, 0);
    cr_expect_eq(r->credit, 0);
    cr_expect(r->ready && !r->draining);
    for (size_t i = 0; i < TALLY_EVENTS; i++) {
        cr_expect_eq(r->totals.of[i], 0);
    }
    cr_expect(!order("nobody", true));
}

Test(broker_report, test_broker_report_counts_each_end_once)
{
    const struct rig_job good = rig_job(&rig), bad = rig_job(&rig), again = rig_job(&rig);
    const struct rig_job queued = rig_job(&rig), canceled = rig_job(&rig);
    rig_worker(&rig, &worker, 0, "w1", 4);
    const struct rig_job *const jobs[] = {&good, &bad, &again, &canceled, &queued};
    struct attempt attempts[4];
    for (size_t i = 0; i < 5; i++) {
        rig_submitted(&gateway, jobs[i]);
        rig_submitted(&gateway, jobs[i]); /* a repeat is not a new job */
        if (i < 4) {
            attempts[i] = rig_assigned(&worker, jobs[i]);
        }
    }
    cr_assert_eq(rig_result(&worker, rig_completed(&attempts[0])), ACK_RECORDED);
    cr_assert_eq(rig_result(&worker, rig_completed(&attempts[0])), ACK_RECORDED);
    cr_assert_eq(rig_result(&worker, rig_failed(&attempts[1], "SOURCE_NOT_FOUND", false)),
                 ACK_RECORDED);
    cr_assert_eq(rig_result(&worker, rig_failed(&attempts[2], "NEVER_HEARD_OF", true)),
                 ACK_RECORDED);
    cr_assert_eq(rig_command(&gateway, COMMAND_CANCEL, canceled.id), COMMAND_UNDERWAY);
    cr_assert_eq(rig_command(&gateway, COMMAND_CANCEL, queued.id), COMMAND_DONE);
    cr_assert_eq(rig_command(&gateway, COMMAND_CANCEL, queued.id), COMMAND_ALREADY);
    cr_assert_eq(rig_result(&worker, rig_completed(&attempts[3])), ACK_CANCELED);
    cr_assert_eq(rig_result(&worker, rig_completed(&attempts[3])), ACK_CANCELED);
    const struct wire_report *r = survey();
    cr_expect_eq(r->totals.of[TALLY_ACCEPTED], 5);
    cr_expect_eq(r->totals.of[TALLY_COMPLETED], 1);
    cr_expect_eq(r->totals.of[TALLY_FAILED], 1);
    cr_expect_eq(r->totals.of[TALLY_RETRIED], 1);
    cr_expect_eq(r->totals.of[TALLY_CANCELED], 2);
    cr_expect_eq(r->codes[JOB_ERROR_SOURCE_NOT_FOUND].jobs, 1);
    cr_expect_eq(r->codes[JOB_ERROR_NONE].attempts, 1);
    uint32_t timed = 0;
    for (size_t i = 0; i < TALLY_STEPS; i++) {
        timed += r->steps[i];
    }
    cr_expect_eq(timed, 1);
}

Test(broker_report, test_broker_report_counts_a_lost_worker_by_its_code)
{
    const struct rig_job job = rig_job(&rig);
    rig_worker(&rig, &worker, 0, "w1", 1);
    rig_submitted(&gateway, &job);
    (void)rig_assigned(&worker, &job);
    talker_close(&worker);
    const int64_t until_ms = clock_mono_ms() + TALKER_PATIENCE_MS;
    while (total(TALLY_RETRIED) == 0 && clock_mono_ms() < until_ms) {
    }
    const struct wire_report *r = survey();
    cr_expect_eq(r->totals.of[TALLY_RETRIED], 1);
    cr_expect_eq(r->codes[JOB_ERROR_WORKER_LOST].attempts, 1);
}

Test(broker_report, test_broker_repeats_a_drain_order_until_a_heartbeat_agrees)
{
    rig_worker(&rig, &worker, 0, "w1", 2);
    const int64_t until_ms = clock_mono_ms() + TALKER_PATIENCE_MS;
    while (survey()->credit != 2 && clock_mono_ms() < until_ms) {
        beat(false); /* on a slow machine it may count as silent already */
    }
    cr_assert(order("w1", true));
    cr_expect_eq(survey()->credit, 0, "at once");
    cr_expect(talker_expect(&worker, WIRE_DRAIN)->drain.on);
    beat(false); /* it was on its way */
    cr_expect(talker_expect(&worker, WIRE_DRAIN)->drain.on, "again");
    cr_expect_eq(survey()->credit, 0);
    beat(true);
    const struct rig_job job = rig_job(&rig);
    rig_submitted(&gateway, &job);
    const struct wire_report *r = survey();
    cr_expect_eq(r->workers_count, 1);
    cr_expect_str_eq(r->workers[0].id, "w1");
    cr_expect(r->workers[0].drained && r->workers[0].connected && !r->workers[0].stopping);
    cr_expect_eq(r->workers[0].running, 0);
    cr_expect_str_eq(redis_server_field(&rig.redis, job.id, "status"), "queued");
    cr_assert(order("w1", false));
    beat(true); /* likewise */
    cr_expect(!talker_expect(&worker, WIRE_DRAIN)->drain.on);
    beat(false);
    (void)rig_assigned(&worker, &job);
}

Test(broker_report, test_broker_gives_no_job_to_a_worker_that_comes_drained)
{
    struct wire_message hello = rig_hello("w1", 1, 2);
    hello.hello.drained = true;
    hello.hello.granted_total = 0;
    hello.hello.version = SPAN("7.8.9");
    talker_open(&worker, rig.brokers[0].requests);
    (void)talker_send(&worker, hello);
    (void)talker_expect(&worker, WIRE_WELCOME);
    const struct wire_report *r = survey();
    cr_assert_eq(r->workers_count, 1);
    cr_expect(r->workers[0].drained);
    cr_expect_str_eq(r->workers[0].version, "7.8.9");
    cr_expect_eq(r->workers[0].slots, 2);
    cr_expect_eq(r->workers[0].free, 0);
}
