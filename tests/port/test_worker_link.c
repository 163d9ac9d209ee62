// links: support wire core base zmq pthread
/* A worker and its brokers: credit, heartbeats, results, moves, drain. */
#include "support/worker_rig.h"

#include "base/clock.h"
#include "support/child.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static struct worker_rig rig;
static const struct simulate LONG_ONE = {.duration_ms = 60000, .progress_ms = 100};
static const struct simulate NOOP = {.duration_ms = 0};
static const struct simulate SMALL = {.size_bytes = 10}; /* with a file in the store */

static void start_with(const char *drain_s)
{
    const char *const more[] = {"--stall-s", "1", "--slots", "2", "--drain-s", drain_s, NULL};
    worker_rig_start(&rig);
    worker_rig_worker(&rig, more);
}

static void setup(void)
{
    start_with("1");
}

static void teardown(void)
{
    worker_rig_stop(&rig);
}

TestSuite(worker_link, .init = setup, .fini = teardown, .timeout = 90);

static struct stub_broker *broker(int i)
{
    return &rig.brokers[i];
}

static bool same(const struct attempt *a, const struct attempt *b)
{
    return a->fence == b->fence && strcmp(a->job_id, b->job_id) == 0;
}

/* Waits for a heartbeat that names exactly this attempt (none if NULL). */
static void await_named(struct stub_broker *b, const struct attempt *a)
{
    const struct wire_heartbeat *h;
    do {
        h = &stub_expect(b, WIRE_HEARTBEAT)->heartbeat;
    } while (h->running_count != (a != NULL ? 1U : 0U) || (a != NULL && !same(&h->running[0], a)));
}

static void await_granted(uint64_t total)
{
    while (stub_expect(broker(0), WIRE_OFFER)->offer.granted_total < total) {
    }
}

static enum outcome outcome_of(struct stub_broker *b, const struct attempt *a)
{
    const struct wire_result *r = &stub_expect(b, WIRE_RESULT)->result;
    cr_assert(same(&r->attempt, a));
    return r->outcome;
}

/* ---- credit */

Test(worker_link, offers_one_more_slot_for_each_that_becomes_free)
{
    struct attempt a = rig_simulate(&rig, &SMALL, 0);
    cr_assert_eq(rig_done(&rig, &a)->outcome, OUTCOME_COMPLETED);
    await_granted(3);
    a = rig_simulate(&rig, &SMALL, 0);
    cr_assert_eq(rig_done(&rig, &a)->outcome, OUTCOME_COMPLETED);
    await_granted(4);
    cr_assert_eq(rig_files_in(&rig, "objects"), 2);
}

Test(worker_link, releases_what_is_assigned_beyond_its_slots)
{
    (void)rig_simulate(&rig, &LONG_ONE, 0);
    (void)rig_simulate(&rig, &LONG_ONE, 0);
    const struct attempt third = rig_simulate(&rig, &LONG_ONE, 0);
    cr_assert_eq(outcome_of(broker(0), &third), OUTCOME_RELEASED);
}

Test(worker_link, starts_an_attempt_once_when_it_is_assigned_twice)
{
    static const uint64_t file_id = 42;
    const struct attempt a = rig_simulate(&rig, &LONG_ONE, 0);
    const struct job_spec again = {
        .file_ids = &file_id, .file_ids_count = 1, .has_simulate = true, .simulate = NOOP};
    stub_assign(broker(0), &a, &again, 60000, 0);
    const struct attempt other = rig_simulate(&rig, &NOOP, 0);
    cr_assert_eq(outcome_of(broker(0), &other), OUTCOME_COMPLETED);
    await_named(broker(0), &a);
}

/* ---- out of service by an operator's word */

static void drain(bool on)
{
    stub_send(broker(0), &(struct wire_message){.kind = WIRE_DRAIN, .drain = {.on = on}});
}

static void await_drained(struct stub_broker *b, bool drained)
{
    const struct wire_heartbeat *h;
    do {
        h = &stub_expect(b, WIRE_HEARTBEAT)->heartbeat;
    } while (h->drained != drained);
    cr_assert(!h->draining, "it does not end");
}

Test(worker_link, drained_goes_on_with_what_it_has_and_takes_no_more)
{
    const struct attempt a = rig_simulate(&rig, &LONG_ONE, 0);
    await_named(broker(0), &a);
    drain(true);
    await_drained(broker(0), true);
    await_named(broker(0), &a);
    const struct attempt late = rig_simulate(&rig, &NOOP, 0);
    cr_assert_eq(rig_done(&rig, &late)->outcome, OUTCOME_RELEASED);
    await_named(broker(0), &a);
    drain(false);
    await_drained(broker(0), false);
    const struct attempt next = rig_simulate(&rig, &NOOP, 0);
    cr_assert_eq(rig_done(&rig, &next)->outcome, OUTCOME_COMPLETED);
}

/* The Hello of a move, with what the worker did meanwhile. On a busy machine an older one may be
 * there: of a worker that left broker 0 because its first Welcome was late, and came back. */
static const struct wire_hello *await_move(struct stub_broker *b, size_t running, bool drained)
{
    const struct wire_hello *h;
    do {
        h = &stub_welcome(b)->hello;
    } while (h->running_count != running || h->drained != drained);
    return h;
}

Test(worker_link, drained_stays_so_at_another_broker)
{
    drain(true);
    await_drained(broker(0), true);
    broker(0)->draining = true; /* it is sent away */
    const struct wire_hello *h = await_move(broker(1), 0, true);
    cr_assert_eq(h->granted_total, 0);
    cr_assert_eq(h->slots, 2);
    cr_assert_gt(h->version.len, 0);
    await_drained(broker(1), true);
}

/* ---- results */

Test(worker_link, repeats_a_result_until_it_is_acknowledged)
{
    const struct attempt a = rig_simulate(&rig, &NOOP, 0);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(outcome_of(broker(0), &a), OUTCOME_COMPLETED);
    }
    stub_ack(broker(0), &a, ACK_RECORDED);
    const struct attempt last = rig_simulate(&rig, &NOOP, 0);
    cr_assert_eq(rig_done(&rig, &last)->outcome, OUTCOME_COMPLETED);
    stub_forget(broker(0), WIRE_HEARTBEAT);
    await_named(broker(0), NULL);
    await_named(broker(0), NULL);
    cr_assert_null(stub_hear(broker(0), WIRE_RESULT, 0));
}

Test(worker_link, deletes_a_completed_artifact_whose_result_is_stale)
{
    const struct attempt a = rig_simulate(&rig, &SMALL, 0);
    cr_assert_eq(outcome_of(broker(0), &a), OUTCOME_COMPLETED);
    stub_ack(broker(0), &a, ACK_STALE);
    /* Deletions and answers keep their order: when this one is answered, that one is done. */
    char key[80];
    const int len = snprintf(key, sizeof key, "%s.%d", a.job_id, 1);
    stub_send(broker(0),
              &(struct wire_message){.kind = WIRE_DISCARD, .key = {.key = {key, (size_t)len}}});
    (void)stub_expect(broker(0), WIRE_DISCARDED);
    cr_assert_eq(rig_files_in(&rig, "objects"), 0);
}

Test(worker_link, keeps_a_completed_artifact_when_a_renewal_says_stale)
{
    const struct attempt a = rig_simulate(&rig, &SMALL, 0);
    cr_assert_eq(outcome_of(broker(0), &a), OUTCOME_COMPLETED);
    stub_abort(broker(0), &a, ABORT_STALE);
    cr_assert_eq(outcome_of(broker(0), &a), OUTCOME_COMPLETED, "it still wants its Ack");
    stub_ack(broker(0), &a, ACK_RECORDED);
    await_named(broker(0), NULL);
    cr_assert_eq(rig_files_in(&rig, "objects"), 1);
}

Test(worker_link, answers_discard_also_for_what_is_not_there)
{
    const struct attempt a = rig_attempt(&rig, 7);
    char key[80];
    const int len = snprintf(key, sizeof key, "%s.7", a.job_id);
    stub_send(broker(0),
              &(struct wire_message){.kind = WIRE_DISCARD, .key = {.key = {key, (size_t)len}}});
    const struct wire_key *k = &stub_expect(broker(0), WIRE_DISCARDED)->key;
    cr_assert(span_eq(k->key, (struct span){key, (size_t)len}));
}

/* ---- cancel and stale */

Test(worker_link, cancels_in_the_middle_and_leaves_nothing)
{
    const struct attempt a = rig_assign(&rig, RIG_STALL);
    const struct wire_progress *p = &stub_expect(broker(0), WIRE_PROGRESS)->progress;
    cr_assert_eq(p->meter.percent, 50);
    cr_assert_eq(p->meter.bytes_total, STUB_BODY);
    stub_abort(broker(0), &a, ABORT_CANCELED);
    cr_assert_eq(rig_done(&rig, &a)->outcome, OUTCOME_CANCELED);
    await_granted(3); /* only when the half file is gone */
    cr_assert_eq(rig_files_in(&rig, "tmp"), 0);
    cr_assert_eq(rig_files_in(&rig, "objects"), 0);
}

Test(worker_link, drops_a_stale_attempt_without_a_word)
{
    const struct attempt a = rig_simulate(&rig, &LONG_ONE, 0);
    await_named(broker(0), &a);
    stub_abort(broker(0), &a, ABORT_STALE);
    await_named(broker(0), NULL);
    await_granted(3);
    cr_assert_null(stub_hear(broker(0), WIRE_RESULT, 0));
}

/* ---- progress */

Test(worker_link, reports_at_most_four_times_a_second_and_only_what_changed)
{
    const struct attempt a = rig_simulate(&rig, &LONG_ONE, 0);
    struct meter last = {.percent = -2};
    const int64_t start_ms = clock_mono_ms();
    int reports = 0;
    while (reports < 5) {
        const struct wire_progress *p = &stub_expect(broker(0), WIRE_PROGRESS)->progress;
        cr_assert(same(&p->attempt, &a));
        cr_assert(p->meter.percent != last.percent || p->meter.eta_s != last.eta_s);
        last = p->meter;
        reports++;
    }
    cr_assert_geq(clock_mono_ms() - start_ms, 1000);
}

/* ---- brokers come and go */

Test(worker_link, moves_to_the_next_broker_with_its_running_job_when_one_falls_silent)
{
    const struct attempt a = rig_simulate(&rig, &LONG_ONE, 0);
    await_named(broker(0), &a);
    const struct attempt done = rig_simulate(&rig, &NOOP, 0);
    cr_assert_eq(outcome_of(broker(0), &done), OUTCOME_COMPLETED);
    broker(0)->silent = true; /* it hears, but says nothing any more */
    const struct wire_hello *h = await_move(broker(1), 1, false);
    cr_assert(same(&h->running[0], &a));
    cr_assert_eq(h->slots, 2);
    cr_assert_eq(h->granted_total, 1);
    cr_assert_eq(outcome_of(broker(1), &done), OUTCOME_COMPLETED, "repeated there");
    stub_ack(broker(1), &done, ACK_RECORDED);
    await_named(broker(1), &a);
}

Test(worker_link, moves_when_its_broker_drains)
{
    (void)rig_simulate(&rig, &LONG_ONE, 0);
    broker(0)->draining = true;
    (void)stub_expect(broker(0), WIRE_HEARTBEAT);
    (void)await_move(broker(1), 1, false);
}

Test(worker_link, moves_when_its_broker_dies)
{
    stub_broker_close(broker(0));
    (void)stub_welcome(broker(1));
    await_named(broker(1), NULL);
}

Test(worker_link, gives_back_what_a_former_broker_still_assigns)
{
    broker(0)->silent = true;
    (void)stub_welcome(broker(1));
    await_named(broker(1), NULL); /* it has moved */
    const struct attempt late = rig_simulate(&rig, &LONG_ONE, 0);
    cr_assert_eq(outcome_of(broker(1), &late), OUTCOME_RELEASED);
}

Test(worker_link, comes_again_when_a_welcome_came_too_late)
{
    broker(0)->silent = true;
    stub_forget(broker(0), WIRE_HELLO);
    (void)stub_expect(broker(1), WIRE_HELLO);
    (void)stub_expect(broker(0), WIRE_HELLO); /* it has left broker 1 */
    stub_say_welcome(broker(1));              /* for the Hello before, and for those to come */
    const struct attempt late = rig_simulate(&rig, &LONG_ONE, 0);
    cr_assert_eq(outcome_of(broker(1), &late), OUTCOME_RELEASED);
}

/* ---- drain */

Test(worker_link, releases_what_does_not_finish_in_time_and_exits)
{
    const struct attempt a = rig_simulate(&rig, &LONG_ONE, 0);
    await_named(broker(0), &a);
    cr_assert_eq(kill(rig.worker, SIGTERM), 0);
    while (!stub_expect(broker(0), WIRE_HEARTBEAT)->heartbeat.draining) {
    }
    cr_assert_eq(rig_done(&rig, &a)->outcome, OUTCOME_RELEASED);
    cr_assert_eq(child_wait(rig.worker, STUB_PATIENCE_MS), 0);
    rig.worker = 0;
}

static void setup_patient(void)
{
    start_with("600");
}

TestSuite(worker_patient, .init = setup_patient, .fini = teardown, .timeout = 90);

Test(worker_patient, releases_at_once_when_it_is_asked_twice)
{
    const struct attempt a = rig_simulate(&rig, &LONG_ONE, 0);
    await_named(broker(0), &a);
    cr_assert_eq(kill(rig.worker, SIGTERM), 0);
    while (!stub_expect(broker(0), WIRE_HEARTBEAT)->heartbeat.draining) {
    }
    cr_assert_eq(kill(rig.worker, SIGINT), 0);
    cr_assert_eq(rig_done(&rig, &a)->outcome, OUTCOME_RELEASED);
    cr_assert_eq(child_wait(rig.worker, STUB_PATIENCE_MS), 0);
    rig.worker = 0;
}

Test(worker_patient, finishes_what_finishes_while_it_drains)
{
    static const struct simulate SHORT_ONE = {.duration_ms = 2500};
    const struct attempt a = rig_simulate(&rig, &SHORT_ONE, 0);
    await_named(broker(0), &a);
    cr_assert_eq(kill(rig.worker, SIGTERM), 0);
    cr_assert_eq(rig_done(&rig, &a)->outcome, OUTCOME_COMPLETED);
    cr_assert_eq(child_wait(rig.worker, STUB_PATIENCE_MS), 0);
    rig.worker = 0;
}

Test(worker_patient, does_not_wait_for_an_ack_longer_than_two_seconds_when_it_drains)
{
    const struct attempt a = rig_simulate(&rig, &NOOP, 0);
    cr_assert_eq(outcome_of(broker(0), &a), OUTCOME_COMPLETED);
    const int64_t start_ms = clock_mono_ms();
    cr_assert_eq(kill(rig.worker, SIGTERM), 0);
    cr_assert_eq(child_wait(rig.worker, STUB_PATIENCE_MS), 0);
    rig.worker = 0;
    cr_assert_lt(clock_mono_ms() - start_ms, 10000);
}
