// links: base core ports support hiredis
/* Who reads a record itself finds the seed document's fields in it, whatever the job has been
 * through, and sane values in them. */
#include "tests/model/steps.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct world *w;

static void open_world(void)
{
    w = world_open();
}
static void close_world(void)
{
    world_close(&w);
}
TestSuite(seed_fields, .init = open_world, .fini = close_world, .timeout = 60);

#define SEED_FIELDS                                                                                \
    "status progress etaSeconds errorCode errorMessage fileId userId artifactKey presignedUrl "    \
    "expiresAt createdAt updatedAt attempts"

static const char *fields_of(unsigned n, const char *names)
{
    char words[512];
    (void)snprintf(words, sizeof(words), "HMGET " JOB_KEY_PREFIX "%s %s", step_id(n), names);
    world_do(w, words);
    return w->reply.data;
}

static void expect(unsigned n, const char *names, const char *values)
{
    const char *all = fields_of(n, SEED_FIELDS);
    cr_assert_null(strstr(all, "nil"), "a seed field is absent: %s", all);
    cr_assert_str_eq(fields_of(n, names), values);
    world_compare(w);
}

#define MEANING "status progress etaSeconds errorCode errorMessage artifactKey attempts"

static void report(unsigned n, const char *fence, const char *percent, const char *eta_s)
{
    char arguments[160];
    (void)snprintf(arguments, sizeof(arguments), "%s %s %s %s fetching 10 -1", step_id(n), fence,
                   percent, eta_s);
    world_call(w, "lh_progress", arguments);
}

Test(seed_fields, test_submit_when_nobody_is_named_then_all_are_there_and_nulls_are_empty)
{
    step_submit(w, 1, "", NULL);
    step_submit(w, 2, "", "w1"); /* waits behind the first one */
    expect(1, MEANING, "b:queued b: b: b: b: b: b:0 ");
    expect(2, "userId presignedUrl expiresAt", "b: b: b: ");
}

Test(seed_fields, test_submit_when_claimed_at_once_then_all_are_there)
{
    step_submit(w, 1, "alice", "w1");
    expect(1, MEANING, "b:running b: b: b: b: b: b:0 ");
    expect(1, "userId", "b:alice ");
}

static void submit_different_ones(void)
{
    enum { JOBS = 6, SEATS = 3 };
    static const char *const users[JOBS] = {"alice", "", "bob", "alice", "", "bob"};
    (void)step_submit_users(w, users, JOBS, SEATS);
    for (unsigned n = 1; n <= JOBS; n++) {
        char own[64];
        (void)snprintf(own, sizeof(own), "b:%u b:%s ", n, users[n - 1]);
        expect(n, "fileId userId", own);
        expect(n, MEANING,
               n <= SEATS ? "b:running b: b: b: b: b: b:0 " : "b:queued b: b: b: b: b: b:0 ");
    }
}

Test(seed_fields, test_submit_when_jobs_of_one_call_differ_then_each_record_is_its_own)
{
    submit_different_ones();
}

Test(seed_fields, test_submit_when_copying_is_not_permitted_then_the_records_are_the_same)
{
    world_do(w, "ACL SETUSER default -copy");
    submit_different_ones();
}

Test(seed_fields, test_progress_when_known_then_shown_and_when_unknown_again_then_empty)
{
    step_submit(w, 1, "", "w1");
    report(1, "1", "58", "18");
    expect(1, MEANING, "b:running b:58 b:18 b: b: b: b:0 ");
    report(1, "1", "-1", "-1");
    expect(1, MEANING, "b:running b: b: b: b: b: b:0 ");
}

Test(seed_fields, test_complete_when_an_eta_was_reported_then_it_is_gone_and_the_key_is_there)
{
    char values[256];
    step_submit(w, 1, "", "w1");
    report(1, "1", "58", "18");
    step_complete(w, 1, 1);
    (void)snprintf(values, sizeof(values), "b:completed b:100 b: b: b: b:%s b:0 ",
                   step_job(w, 1)->artifact_key);
    expect(1, MEANING, values);
    w->now_ms += STEPS_ARTIFACT_TTL_MS;
    world_begin(w, "lh_expire");
    world_number(w, STEPS_RECORD_TTL_MS);
    world_number(w, 10);
    world_run(w);
    expect(1, MEANING, "b:completed b:100 b: b: b: b: b:0 ");
}

#define PLACE "stage bytesDone bytesTotal size"

Test(seed_fields, test_complete_when_something_was_reported_then_it_is_brought_up_to_the_end)
{
    char values[192];
    step_submit(w, 1, "", "w1");
    report(1, "1", "58", "18");
    expect(1, PLACE, "b:fetching b:10 b: nil ");
    step_complete(w, 1, 1);
    const char *size = step_job(w, 1)->size;
    (void)snprintf(values, sizeof(values), "b:done b:%s b:%s b:%s ", size, size, size);
    expect(1, PLACE, values);
}

Test(seed_fields, test_complete_when_only_an_earlier_attempt_reported_then_nothing_of_it_is_there)
{
    char values[128];
    step_submit(w, 1, "", "w1");
    report(1, "1", "58", "18");
    step_fail(w, 1, 1, true, 0);
    cr_assert_eq(step_claim(w, 0), 1);
    step_complete(w, 1, 2);
    (void)snprintf(values, sizeof(values), "nil nil nil b:%s ", step_job(w, 1)->size);
    expect(1, PLACE, values);
}

Test(seed_fields, test_fail_when_final_then_named_and_after_a_retry_empty_again)
{
    step_submit(w, 1, "", "w1");
    report(1, "1", "58", "18");
    step_fail(w, 1, 1, true, 0);
    expect(1, MEANING, "b:queued b: b: b: b: b: b:1 ");
    cr_assert_eq(step_claim(w, 0), 1);
    report(1, "2", "7", "9");
    step_fail(w, 1, 2, false, 0);
    expect(1, "status progress etaSeconds errorCode attempts",
           "b:failed b:7 b: b:SOURCE_UNREACHABLE b:2 ");
    cr_assert_str_neq(fields_of(1, "errorMessage"), "b: ");
    step_retry(w, 1);
    expect(1, MEANING, "b:queued b: b: b: b: b: b:0 ");
}

Test(seed_fields, test_cancel_when_queued_or_running_then_no_eta_and_no_error)
{
    step_submit(w, 1, "", "w1");
    report(1, "1", "58", "18");
    step_cancel(w, 1);
    step_end(w, 1, 1, "3", "b1");
    expect(1, MEANING, "b:canceled b:58 b: b: b: b: b:0 ");
    step_submit(w, 2, "", NULL);
    step_cancel(w, 2);
    expect(2, MEANING, "b:canceled b: b: b: b: b: b:0 ");
}

Test(seed_fields, test_reap_when_the_worker_is_lost_then_queued_without_what_it_reported)
{
    step_tick(w);
    step_submit(w, 1, "", "w1");
    step_renew(w, 1, 1, "b1");
    report(1, "1", "58", "18");
    step_wait(w, 20000);
    expect(1, MEANING, "b:queued b: b: b: b: b: b:0 ");
}
