// links: support wire ports core base hiredis zmq
#include "tests/port/broker_fixture.h"

#include "base/clock.h"
#include "support/child.h"

#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

TestSuite(broker_faults, .init = setup, .fini = teardown, .timeout = 90);

/* Submits a job and sees it assigned to `worker`. */
static struct attempt running_job(struct rig_job *job)
{
    *job = rig_job(&rig);
    rig_submitted(&gateway, job);
    return rig_assigned(&worker, job);
}

/* The worker "w1", same incarnation, over a new connection with what it is doing. */
static void come_back(struct talker *t, unsigned broker, const struct attempt *running)
{
    talker_open(t, rig.brokers[broker].requests);
    struct wire_message hello = rig_hello("w1", 1, 1);
    hello.hello.granted_total = 0;
    hello.hello.running = running;
    hello.hello.running_count = 1;
    (void)talker_send(t, hello);
    (void)talker_expect(t, WIRE_WELCOME);
}

/* Nobody takes the attempt away in so long. */
static void keep(struct talker *t, const struct attempt *attempt, int64_t ms)
{
    const int64_t until_ms = clock_mono_ms() + ms;
    while (clock_mono_ms() < until_ms) {
        rig_beat(t, attempt, 1);
        cr_assert_null(talker_hear(t, WIRE_ABORT, 500));
    }
}

Test(broker_faults, test_broker_worker_whose_connection_dies_loses_its_job_to_another)
{
    struct rig_job job;
    rig_worker(&rig, &worker, 0, "w1", 1);
    const struct attempt attempt = running_job(&job);
    rig_beat(&worker, &attempt, 1);
    (void)talker_expect(&worker, WIRE_BROKER_ALIVE);
    const int64_t died_ms = clock_mono_ms();
    talker_close(&worker);
    rig_worker(&rig, &reserve, 0, "w2", 1);
    const struct wire_assign *again = &rig_hear_beating(&reserve, WIRE_ASSIGN, NULL, 0)->assign;
    cr_assert_str_eq(again->attempt.job_id, job.id);
    cr_assert_eq(again->attempt.fence, 2);
    cr_assert_lt(clock_mono_ms() - died_ms, 6000);
    cr_assert_str_eq(field(&job, "attempts"), "0", "a crash charges no attempt");
}

Test(broker_faults, test_broker_worker_that_returns_with_its_incarnation_keeps_its_job)
{
    struct rig_job job;
    rig_worker(&rig, &worker, 0, "w1", 1);
    const struct attempt attempt = running_job(&job);
    rig_beat(&worker, &attempt, 1);
    talker_close(&worker);
    come_back(&worker, 0, &attempt);
    keep(&worker, &attempt, 4000); /* longer than the silence that gives up */
    cr_assert_eq(rig_result(&worker, rig_completed(&attempt)), ACK_RECORDED);
    cr_assert_str_eq(field(&job, "crashes"), "");
}

Test(broker_faults, test_broker_silent_worker_that_wakes_up_is_told_that_it_is_stale)
{
    struct rig_job job;
    rig_worker(&rig, &worker, 0, "w1", 1);
    const struct attempt attempt = running_job(&job);
    rig_beat(&worker, &attempt, 1);
    rig_worker(&rig, &reserve, 0, "w2", 1);
    const struct attempt second = rig_hear_beating(&reserve, WIRE_ASSIGN, NULL, 0)->assign.attempt;
    cr_assert_eq(second.fence, 2);
    rig_beat(&worker, &attempt, 1); /* over the same connection, as if nothing had happened */
    const struct wire_abort *abort = &talker_expect(&worker, WIRE_ABORT)->abort;
    cr_assert_eq(abort->reason, ABORT_STALE);
    cr_assert_eq(abort->attempt.fence, 1);
    cr_assert_eq(rig_result(&worker, rig_completed(&attempt)), ACK_STALE);
    cr_assert_eq(rig_result(&reserve, rig_completed(&second)), ACK_RECORDED);
}

Test(broker_faults, test_broker_assign_that_never_arrived_is_handed_out_again_uncharged)
{
    struct rig_job job;
    rig_worker(&rig, &worker, 0, "w1", 1);
    (void)running_job(&job); /* and the worker acts as if it had not come */
    const struct wire_assign *again = &rig_hear_beating(&worker, WIRE_ASSIGN, NULL, 0)->assign;
    cr_assert_str_eq(again->attempt.job_id, job.id);
    cr_assert_eq(again->attempt.fence, 2);
    cr_assert_str_eq(field(&job, "crashes"), "");
    cr_assert_str_eq(field(&job, "attempts"), "0");
}

Test(broker_faults, test_broker_killed_while_a_job_runs_the_worker_moves_without_losing_it)
{
    struct rig_job job;
    rig_broker_start(&rig, 1);
    rig_await_ready(&rig, 1, true);
    rig_worker(&rig, &worker, 0, "w1", 1);
    const struct attempt attempt = running_job(&job);
    rig_beat(&worker, &attempt, 1);
    rig_broker_kill(&rig, 0);
    come_back(&reserve, 1, &attempt);
    rig_beat(&reserve, &attempt, 1);
    cr_assert_eq(rig_result(&reserve, rig_completed(&attempt)), ACK_RECORDED);
    cr_assert_str_eq(field(&job, "status"), "completed");
    cr_assert_eq(strncmp(field(&job, "run"), "1:", 2), 0);
}

Test(broker_faults, test_broker_that_lost_a_worker_to_another_broker_does_not_hurt_it)
{
    struct rig_job job;
    rig_broker_start(&rig, 1);
    rig_await_ready(&rig, 1, true);
    rig_worker(&rig, &worker, 0, "w1", 1);
    const struct attempt attempt = running_job(&job);
    rig_beat(&worker, &attempt, 1);
    talker_close(&worker);
    come_back(&reserve, 1, &attempt);
    keep(&reserve, &attempt, 5000);
    cr_assert_eq(rig_result(&reserve, rig_completed(&attempt)), ACK_RECORDED);
}

Test(broker_faults, test_broker_with_credit_takes_a_job_that_came_to_another_broker)
{
    rig_broker_start(&rig, 1);
    rig_await_ready(&rig, 1, true);
    rig_worker(&rig, &worker, 1, "w1", 1);
    const struct rig_job job = rig_job(&rig);
    const int64_t sent_ms = clock_mono_ms();
    rig_submitted(&gateway, &job);
    (void)rig_assigned(&worker, &job);
    cr_assert_lt(clock_mono_ms() - sent_ms, 1000);
    cr_assert_not_null(strstr(field(&job, "run"), ":b1:w1"));
}

Test(broker_faults, test_broker_cancel_through_another_broker_reaches_the_worker_at_once)
{
    struct rig_job job;
    struct talker gateway1;
    rig_broker_start(&rig, 1);
    rig_await_ready(&rig, 1, true);
    rig_worker(&rig, &worker, 0, "w1", 1);
    const struct attempt attempt = running_job(&job);
    talker_open(&gateway1, rig.brokers[1].requests);
    const int64_t sent_ms = clock_mono_ms();
    cr_assert_eq(rig_command(&gateway1, COMMAND_CANCEL, job.id), COMMAND_UNDERWAY);
    cr_assert_eq(talker_expect(&worker, WIRE_ABORT)->abort.reason, ABORT_CANCELED);
    cr_assert_lt(clock_mono_ms() - sent_ms, 1000);
    struct wire_message canceled = {.kind = WIRE_RESULT,
                                    .result = {.attempt = attempt, .outcome = OUTCOME_CANCELED}};
    cr_assert_eq(rig_result(&worker, canceled), ACK_RECORDED);
    cr_assert_str_eq(field(&job, "status"), "canceled");
    talker_close(&gateway1);
}

Test(broker_faults, test_broker_without_redis_says_unavailable_and_recovers_with_it)
{
    struct rig_job job;
    rig_worker(&rig, &worker, 0, "w1", 2);
    const struct attempt attempt = running_job(&job);
    rig_beat(&worker, &attempt, 1);
    redis_server_kill(&rig.redis);
    rig_await_ready(&rig, 0, false);
    const struct rig_job refused = rig_job(&rig);
    const uint64_t id = talker_send(&gateway, rig_submit(&refused));
    const struct wire_message *m = talker_answer(&gateway, id, TALKER_PATIENCE_MS);
    cr_assert_not_null(m);
    cr_assert_eq(m->submit_reply.code, SUBMIT_UNAVAILABLE);
    cr_assert_eq(rig_command(&gateway, COMMAND_CANCEL, job.id), COMMAND_UNAVAILABLE);
    (void)talker_send(&worker, rig_completed(&attempt)); /* no Ack: it cannot be recorded */
    cr_assert_null(talker_hear(&worker, WIRE_ACK, 300));
    redis_server_restart(&rig.redis);
    rig_await_ready(&rig, 0, true);
    cr_assert_eq(rig_result(&worker, rig_completed(&attempt)), ACK_RECORDED);
    cr_assert_str_eq(field(&job, "status"), "completed");
    rig_submitted(&gateway, &refused);
    (void)rig_assigned(&worker, &refused);
}

Test(broker_faults, test_broker_that_missed_an_abort_finds_it_when_it_subscribes_again)
{
    struct rig_job job;
    rig_worker(&rig, &worker, 0, "w1", 1);
    const struct attempt attempt = running_job(&job);
    rig_beat(&worker, &attempt, 1);
    redisReply *r = redisCommand(rig.redis.client, "HSET download:job:%s cancel 1", job.id);
    freeReplyObject(r); /* marked, and nobody was told */
    r = redisCommand(rig.redis.client, "CLIENT KILL TYPE pubsub");
    cr_assert_eq(r->type, REDIS_REPLY_INTEGER);
    cr_assert_eq(r->integer, 1);
    freeReplyObject(r);
    const int64_t cut_ms = clock_mono_ms();
    cr_assert_eq(talker_expect(&worker, WIRE_ABORT)->abort.reason, ABORT_CANCELED);
    cr_assert_lt(clock_mono_ms() - cut_ms, 2000);
}

Test(broker_faults, test_broker_stopped_by_sigterm_tells_its_workers_and_exits_cleanly)
{
    rig_worker(&rig, &worker, 0, "w1", 1);
    cr_assert_eq(child_stop(rig.brokers[0].pid, SIGTERM), 0);
    rig.brokers[0].pid = 0;
    const struct wire_message *m = talker_expect(&worker, WIRE_BROKER_ALIVE);
    while (!m->broker_alive.draining) {
        m = talker_expect(&worker, WIRE_BROKER_ALIVE);
    }
}

Test(broker_faults, test_broker_artifact_past_retention_is_deleted_by_a_worker)
{
    struct rig_job job = rig_job(&rig);
    struct talker gateway1;
    cr_assert_eq(setenv("LONGHAUL_ARTIFACT_TTL_S", "1", 1), 0);
    rig_broker_start(&rig, 1);
    rig_await_ready(&rig, 1, true);
    talker_open(&gateway1, rig.brokers[1].requests);
    rig_worker(&rig, &worker, 1, "w1", 1);
    rig_submitted(&gateway1, &job);
    const struct attempt attempt = rig_assigned(&worker, &job);
    cr_assert_eq(rig_result(&worker, rig_completed(&attempt)), ACK_RECORDED);
    const struct span key = rig_hear_beating(&worker, WIRE_DISCARD, NULL, 0)->key.key;
    cr_assert(span_eq(key, span_of(job.id)));
    (void)talker_say(&worker, (struct wire_message){.kind = WIRE_DISCARDED, .key = {.key = key}});
    const uint64_t ping = talker_send(&worker, (struct wire_message){.kind = WIRE_PING});
    cr_assert_not_null(talker_answer(&worker, ping, TALKER_PATIENCE_MS));
    cr_assert_str_eq(field(&job, "artifactKey"), "");
    cr_assert_eq(rig_command(&gateway1, COMMAND_REMOVE, job.id), COMMAND_DONE); /* after it */
    redisReply *r = redisCommand(rig.redis.client, "ZCARD lh:{0}:garbage");
    cr_assert_eq(r->integer, 0);
    freeReplyObject(r);
    talker_close(&gateway1);
}
