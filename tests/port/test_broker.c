// links: support wire ports core base hiredis zmq
#include "tests/port/broker_fixture.h"

#include "base/clock.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(broker, .init = setup, .fini = teardown, .timeout = 60);

static void expect_event(struct talker *subscriber, const struct rig_job *job, enum event_kind kind,
                         enum job_status status, uint64_t version)
{
    const struct wire_event *e = &talker_expect(subscriber, WIRE_EVENT)->event;
    cr_assert(span_eq(e->job_id, span_of(job->id)));
    cr_assert_eq(e->kind, kind, "kind %d", (int)e->kind);
    cr_assert_eq(e->status, status, "status %d", (int)e->status);
    cr_assert_eq(e->version, version, "version %d", (int)e->version);
}

static void report(const struct attempt *attempt, int percent)
{
    (void)talker_send(&worker, (struct wire_message){.kind = WIRE_PROGRESS,
                                                     .progress = {.attempt = *attempt,
                                                                  .meter = {.percent = percent,
                                                                            .eta_s = 7,
                                                                            .stage = STAGE_FETCHING,
                                                                            .bytes_done = 10,
                                                                            .bytes_total = 20}}});
}

Test(broker, test_broker_that_hears_nonsense_drops_it_and_goes_on)
{
    struct talker stranger;
    talker_open(&stranger, rig.brokers[0].requests);
    cr_assert_eq(buf_text(&stranger.out.bytes, "\xff\xff\xff not a packet"), ERR_OK);
    talker_flush(&stranger);
    const struct rig_job job = rig_job(&rig);
    rig_submitted(&gateway, &job);
    talker_close(&stranger);
}

Test(broker, test_broker_without_a_worker_keeps_the_job_queued)
{
    const struct rig_job job = rig_job(&rig);
    rig_submitted(&gateway, &job);
    cr_assert_str_eq(field(&job, "status"), "queued");
    rig_submitted(&gateway, &job); /* the same message again */
    cr_assert_str_eq(field(&job, "version"), "1");
}

Test(broker, test_broker_command_on_an_unknown_job_says_gone)
{
    const struct rig_job job = rig_job(&rig);
    cr_assert_eq(rig_command(&gateway, COMMAND_CANCEL, job.id), COMMAND_GONE);
    cr_assert_eq(rig_command(&gateway, COMMAND_RETRY, job.id), COMMAND_GONE);
    cr_assert_eq(rig_command(&gateway, COMMAND_REMOVE, job.id), COMMAND_GONE);
}

Test(broker, test_broker_job_goes_through_all_its_steps_with_an_event_for_each)
{
    struct talker subscriber;
    const struct rig_job job = rig_job(&rig);
    rig_worker(&rig, &worker, 0, "w1", 2);
    talker_subscribe(&subscriber, rig.brokers[0].events);
    talker_topic(&subscriber, job.id);
    expect_event(&subscriber, &job, EVENT_SUBSCRIBED, JOB_QUEUED, 0);
    rig_submitted(&gateway, &job);
    expect_event(&subscriber, &job, EVENT_TRANSITION, JOB_RUNNING, 2);
    const struct attempt attempt = rig_assigned(&worker, &job);
    cr_assert_eq(attempt.fence, 1);
    report(&attempt, 50);
    const struct wire_event *e = &talker_expect(&subscriber, WIRE_EVENT)->event;
    cr_assert_eq(e->kind, EVENT_PROGRESS);
    cr_assert_eq(e->version, 3);
    cr_assert_eq(e->transition, 2);
    cr_assert_eq(e->meter.percent, 50);
    cr_assert_eq(e->meter.bytes_total, 20);
    cr_assert_eq(rig_result(&worker, rig_completed(&attempt)), ACK_RECORDED);
    expect_event(&subscriber, &job, EVENT_TRANSITION, JOB_COMPLETED, 4);
    cr_assert_str_eq(field(&job, "status"), "completed");
    const char *run = field(&job, "run");
    cr_assert_eq(strncmp(run, "1:", 2), 0, "%s", run);
    cr_assert_str_eq(strrchr(run, ':'), ":w1");
    talker_close(&subscriber);
}

static void expect_of_user(struct talker *subscriber, const char *user_id, const char *job_id,
                           enum event_kind kind, uint64_t version)
{
    const struct wire_event *e = &talker_expect(subscriber, WIRE_EVENT)->event;
    cr_assert(span_eq(e->user_id, span_of(user_id)));
    cr_assert(span_eq(e->job_id, span_of(job_id)));
    cr_assert_eq(e->kind, kind, "kind %d", (int)e->kind);
    cr_assert_eq(e->version, version, "version %d", (int)e->version);
}

/* Who follows "u:ann" hears of her jobs' beginnings and retries, not of their changes, and not of
 * another user's; XPUB gives "u:anna" to them too, but nothing is published that nobody follows. */
Test(broker, test_broker_tells_a_users_topic_of_jobs_that_become_active)
{
    struct talker subscriber;
    const struct rig_job hers = rig_job(&rig), other = rig_job(&rig), nobodys = rig_job(&rig);
    talker_subscribe(&subscriber, rig.brokers[0].events);
    talker_topic(&subscriber, "u:ann");
    expect_of_user(&subscriber, "ann", "", EVENT_SUBSCRIBED, 0);
    struct wire_message m = rig_submit(&other);
    m.submit.user_id = SPAN("anna");
    (void)talker_answer(&gateway, talker_send(&gateway, m), TALKER_PATIENCE_MS);
    rig_submitted(&gateway, &nobodys);
    m = rig_submit(&hers);
    m.submit.user_id = SPAN("ann");
    (void)talker_answer(&gateway, talker_send(&gateway, m), TALKER_PATIENCE_MS);
    expect_of_user(&subscriber, "ann", hers.id, EVENT_TRANSITION, 1);
    (void)talker_answer(&gateway, talker_send(&gateway, m), TALKER_PATIENCE_MS);
    expect_of_user(&subscriber, "ann", hers.id, EVENT_TRANSITION, 1); /* a repeat says it again */
    cr_assert_eq(rig_command(&gateway, COMMAND_CANCEL, hers.id), COMMAND_DONE);
    cr_assert_eq(rig_command(&gateway, COMMAND_RETRY, hers.id), COMMAND_DONE);
    expect_of_user(&subscriber, "ann", hers.id, EVENT_TRANSITION, 3);
    talker_close(&subscriber);
}

Test(broker, test_broker_assign_carries_the_job_as_it_was_submitted)
{
    const struct rig_job direct = rig_job(&rig);
    const struct rig_job waited = rig_job(&rig);
    rig_submitted(&gateway, &waited);
    rig_worker(&rig, &worker, 0, "w1", 1);
    for (int i = 0; i < 2; i++) {
        const struct wire_assign *a = &talker_expect(&worker, WIRE_ASSIGN)->assign;
        cr_assert_str_eq(a->attempt.job_id, i == 0 ? waited.id : direct.id);
        cr_assert_eq(a->file_id, 42);
        cr_assert_eq(a->timeout_ms, 60000);
        cr_assert_eq(a->failures, 0);
        cr_assert(span_eq(a->spec, SPAN("\x0a\x01\x2a")));
        if (i == 0) {
            (void)talker_send(
                &worker, (struct wire_message){.kind = WIRE_OFFER, .offer = {.granted_total = 2}});
            rig_submitted(&gateway, &direct);
        }
    }
}

Test(broker, test_broker_every_new_subscription_is_confirmed)
{
    struct talker first;
    struct talker second;
    const struct rig_job job = rig_job(&rig);
    talker_subscribe(&first, rig.brokers[0].events);
    talker_topic(&first, job.id);
    expect_event(&first, &job, EVENT_SUBSCRIBED, JOB_QUEUED, 0);
    talker_subscribe(&second, rig.brokers[0].events);
    talker_topic(&second, job.id);
    expect_event(&second, &job, EVENT_SUBSCRIBED, JOB_QUEUED, 0);
    rig_submitted(&gateway, &job);
    expect_event(&first, &job, EVENT_SUBSCRIBED, JOB_QUEUED, 0); /* the second one's, seen by all */
    expect_event(&first, &job, EVENT_TRANSITION, JOB_QUEUED, 1);
    expect_event(&second, &job, EVENT_TRANSITION, JOB_QUEUED, 1);
    talker_close(&first);
    talker_close(&second);
}

Test(broker, test_broker_repeated_result_is_acknowledged_again)
{
    const struct rig_job job = rig_job(&rig);
    rig_worker(&rig, &worker, 0, "w1", 2);
    rig_submitted(&gateway, &job);
    const struct attempt attempt = rig_assigned(&worker, &job);
    cr_assert_eq(rig_result(&worker, rig_completed(&attempt)), ACK_RECORDED);
    cr_assert_eq(rig_result(&worker, rig_completed(&attempt)), ACK_RECORDED);
    cr_assert_str_eq(field(&job, "version"), "3");
}

Test(broker, test_broker_result_with_an_old_fence_is_stale)
{
    const struct rig_job job = rig_job(&rig);
    rig_worker(&rig, &worker, 0, "w1", 2);
    rig_submitted(&gateway, &job);
    struct attempt attempt = rig_assigned(&worker, &job);
    attempt.fence = 9;
    cr_assert_eq(rig_result(&worker, rig_completed(&attempt)), ACK_STALE);
    cr_assert_str_eq(field(&job, "status"), "running");
}

Test(broker, test_broker_cancel_of_a_queued_job_is_done_at_once)
{
    const struct rig_job job = rig_job(&rig);
    rig_submitted(&gateway, &job);
    cr_assert_eq(rig_command(&gateway, COMMAND_CANCEL, job.id), COMMAND_DONE);
    cr_assert_eq(rig_command(&gateway, COMMAND_CANCEL, job.id), COMMAND_ALREADY);
    cr_assert_str_eq(field(&job, "status"), "canceled");
    cr_assert_eq(rig_command(&gateway, COMMAND_RETRY, job.id), COMMAND_DONE);
    cr_assert_str_eq(field(&job, "status"), "queued");
}

Test(broker, test_broker_cancel_of_a_running_job_aborts_it_and_wins_over_complete)
{
    const struct rig_job job = rig_job(&rig);
    rig_worker(&rig, &worker, 0, "w1", 2);
    rig_submitted(&gateway, &job);
    const struct attempt attempt = rig_assigned(&worker, &job);
    cr_assert_eq(rig_command(&gateway, COMMAND_CANCEL, job.id), COMMAND_UNDERWAY);
    const struct wire_abort *abort = &talker_expect(&worker, WIRE_ABORT)->abort;
    cr_assert_str_eq(abort->attempt.job_id, job.id);
    cr_assert_eq(abort->reason, ABORT_CANCELED);
    cr_assert_eq(rig_result(&worker, rig_completed(&attempt)), ACK_CANCELED);
    cr_assert_str_eq(field(&job, "status"), "canceled");
}

Test(broker, test_broker_retryable_failure_comes_back_after_its_delay_and_a_final_one_does_not)
{
    const struct rig_job job = rig_job(&rig);
    rig_worker(&rig, &worker, 0, "w1", 2);
    rig_submitted(&gateway, &job);
    struct attempt attempt = rig_assigned(&worker, &job);
    const int64_t failed_ms = clock_mono_ms();
    cr_assert_eq(rig_result(&worker, rig_failed(&attempt, "TIMEOUT", true)), ACK_RECORDED);
    (void)talker_send(&worker,
                      (struct wire_message){.kind = WIRE_OFFER, .offer = {.granted_total = 3}});
    const struct wire_assign *again = &rig_hear_beating(&worker, WIRE_ASSIGN, NULL, 0)->assign;
    const int64_t waited_ms = clock_mono_ms() - failed_ms;
    cr_assert(waited_ms >= 450 && waited_ms < 1500, "waited %d ms", (int)waited_ms);
    cr_assert_eq(again->attempt.fence, 2);
    cr_assert_eq(again->failures, 1);
    attempt = again->attempt;
    cr_assert_eq(rig_result(&worker, rig_failed(&attempt, "SOURCE_NOT_FOUND", false)),
                 ACK_RECORDED);
    cr_assert_str_eq(field(&job, "status"), "failed");
    cr_assert_str_eq(field(&job, "errorCode"), "SOURCE_NOT_FOUND");
}

Test(broker, test_broker_delayed_job_starts_when_it_is_due)
{
    const struct rig_job job = rig_job(&rig);
    rig_worker(&rig, &worker, 0, "w1", 2);
    struct wire_message m = rig_submit(&job);
    m.submit.delay_ms = 700;
    const int64_t sent_ms = clock_mono_ms();
    (void)talker_send(&gateway, m);
    (void)rig_assigned(&worker, &job);
    const int64_t waited_ms = clock_mono_ms() - sent_ms;
    cr_assert(waited_ms >= 700 && waited_ms < 1000, "waited %d ms", (int)waited_ms);
}

enum { MANY = 600, SLOTS = 3 };

Test(broker, test_broker_never_hands_out_more_than_was_offered)
{
    uint64_t granted = SLOTS;
    uint64_t assigned = 0;
    rig_worker(&rig, &worker, 0, "w1", SLOTS);
    for (int i = 0; i < MANY; i++) {
        const struct rig_job job = rig_job(&rig);
        (void)talker_say(&gateway, rig_submit(&job));
    }
    talker_flush(&gateway);
    for (uint64_t done = 0; done < MANY; done++) {
        /* It beats only when it waits, and then holds nothing: a slow disk must not make it silent.
         */
        const struct attempt attempt =
            rig_hear_beating(&worker, WIRE_ASSIGN, NULL, 0)->assign.attempt;
        assigned++;
        cr_assert_leq(assigned, granted);
        (void)talker_say(&worker, rig_completed(&attempt));
        (void)talker_send(&worker, (struct wire_message){.kind = WIRE_OFFER,
                                                         .offer = {.granted_total = ++granted}});
    }
    for (int i = 0; i < MANY; i++) {
        cr_assert_eq(rig_hear_beating(&worker, WIRE_ACK, NULL, 0)->ack.code, ACK_RECORDED);
        cr_assert_eq(talker_expect(&gateway, WIRE_SUBMIT_REPLY)->submit_reply.code,
                     SUBMIT_ACCEPTED);
    }
}

Test(broker, test_broker_repeated_hello_does_not_double_the_credit)
{
    rig_worker(&rig, &worker, 0, "w1", 1);
    const struct rig_job first = rig_job(&rig);
    const struct rig_job second = rig_job(&rig);
    rig_submitted(&gateway, &first);
    (void)talker_send(&worker, rig_hello("w1", 1, 1)); /* sent before the Assign was read */
    (void)talker_expect(&worker, WIRE_WELCOME);
    const struct attempt attempt = rig_assigned(&worker, &first);
    rig_submitted(&gateway, &second);
    rig_beat(&worker, &attempt, 1);
    const uint64_t ping = talker_send(&gateway, (struct wire_message){.kind = WIRE_PING});
    const struct wire_message *pong = talker_answer(&gateway, ping, TALKER_PATIENCE_MS);
    cr_assert_not_null(pong);
    cr_assert_eq(pong->pong.credit, 0);
    cr_assert_str_eq(field(&second, "status"), "queued");
}

Test(broker, test_broker_spreads_jobs_over_its_workers)
{
    struct talker other;
    rig_worker(&rig, &worker, 0, "w1", 2);
    rig_worker(&rig, &other, 0, "w2", 2);
    for (int i = 0; i < 4; i++) {
        const struct rig_job job = rig_job(&rig);
        rig_submitted(&gateway, &job);
    }
    for (int i = 0; i < 2; i++) {
        (void)rig_assigned(&worker, NULL);
        (void)rig_assigned(&other, NULL);
    }
    talker_close(&other);
}

Test(broker, test_broker_draining_worker_gets_no_more_jobs)
{
    rig_worker(&rig, &worker, 0, "w1", 2);
    (void)talker_say(
        &worker, (struct wire_message){.kind = WIRE_HEARTBEAT, .heartbeat = {.draining = true}});
    const uint64_t ping = talker_send(&worker, (struct wire_message){.kind = WIRE_PING});
    const struct wire_message *pong = talker_answer(&worker, ping, TALKER_PATIENCE_MS);
    cr_assert_not_null(pong); /* the heartbeat was read */
    cr_assert_eq(pong->pong.credit, 0);
    const struct rig_job job = rig_job(&rig);
    rig_submitted(&gateway, &job);
    cr_assert_str_eq(field(&job, "status"), "queued");
}
