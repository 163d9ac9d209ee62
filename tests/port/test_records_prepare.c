// links: base core ports hiredis
/* Which Redis is taken, and what happens to calls when it is not itself. */
#include "tests/port/records_fixture.h"

static void prepare(struct world *w, bool always, enum err expected, const char *word)
{
    ASK(w, records_prepare(w->records, always, world_ready, w));
    cr_assert_eq(w->answer.err, expected, "%s: %s", err_name(w->answer.err), w->answer.text);
    cr_assert_not_null(strstr(w->answer.text, word), "%s", w->answer.text);
    cr_assert_eq(w->answer.text[0] != '\0', expected == ERR_DENIED);
}

static void assert_denied(const char *const *args, bool always, const char *word)
{
    struct world w;
    world_open(&w, args);
    prepare(&w, always, ERR_DENIED, word);
    prepare(&w, always, ERR_DENIED, word);
    world_stop(&w);
}

Test(records_prepare, test_records_prepare_when_redis_may_forget_then_denied)
{
    const char *const evicts[] = {
        "--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy",
        "allkeys-lru",  NULL};
    const char *const no_file[] = {"--appendonly", "no", NULL};
    const char *const lazy[] = {"--appendonly", "yes", "--appendfsync", "everysec", NULL};
    const char *const never[] = {"--appendonly", "yes", "--appendfsync", "no", NULL};
    const char *const pauses[] = {
        "--appendonly", "yes", "--appendfsync", "always", "--no-appendfsync-on-rewrite",
        "yes",          NULL};
    assert_denied(evicts, true, "noeviction");
    assert_denied(no_file, false, "appendonly");
    assert_denied(lazy, true, "everysec");
    assert_denied(never, false, "appendfsync");
    assert_denied(pauses, true, "no-appendfsync-on-rewrite");
}

Test(records_prepare, test_records_prepare_when_redis_is_a_replica_then_unavailable_and_why)
{
    const char *const replica[] = {"--appendonly", "yes", "--appendfsync", "always", "--replicaof",
                                   "127.0.0.1 1",  NULL};
    struct world w;
    world_open(&w, replica);
    ASK(&w, records_prepare(w.records, true, world_ready, &w));
    cr_assert_eq(w.answer.err, ERR_UNAVAILABLE, "%s", err_name(w.answer.err));
    cr_assert_not_null(strstr(w.answer.text, "READONLY"), "%s", w.answer.text);
    world_stop(&w);
}

Test(records_prepare, test_records_prepare_when_more_durable_than_declared_then_taken)
{
    struct world w;
    world_open(&w, durable);
    prepare(&w, false, ERR_OK, "");
    prepare(&w, true, ERR_OK, "");
    world_stop(&w);
}

Test(records_prepare, test_records_prepare_when_config_is_not_permitted_then_info_decides)
{
    const char *const bare[] = {"--appendonly", "yes", "--rename-command", "CONFIG", "", NULL};
    const char *const evicts[] = {"--appendonly", "yes", "--rename-command",
                                  "CONFIG",       "",    "--maxmemory-policy",
                                  "volatile-lru", NULL};
    const char *const no_file[] = {"--appendonly", "no", "--rename-command", "CONFIG", "", NULL};
    struct world w;
    world_open(&w, bare);
    prepare(&w, true, ERR_OK, "");
    world_stop(&w);
    assert_denied(evicts, true, "noeviction");
    assert_denied(no_file, true, "appendonly");
}

static void assert_submits(struct world *w)
{
    char id[JOB_ID_SIZE];
    const struct record_submit job = world_job(w, id);
    GET(w, records_submit(w->records, &job, 1, NULL, 0, world_submitted, w));
    cr_assert_eq(w->answer.submitted[0].code, RECORD_QUEUED);
}

static enum err submit_once(struct world *w)
{
    char id[JOB_ID_SIZE];
    const struct record_submit job = world_job(w, id);
    ASK(w, records_submit(w->records, &job, 1, NULL, 0, world_submitted, w));
    return w->answer.err;
}

Test(records_prepare, test_records_when_everything_is_flushed_then_functions_come_back)
{
    struct world w;
    world_start(&w);
    world_raw(&w, "FLUSHALL", NULL, NULL, NULL);
    assert_submits(&w);
    world_raw(&w, "FUNCTION", "FLUSH", NULL, NULL);
    cr_assert_eq(submit_once(&w), ERR_UNAVAILABLE, "nothing was done: to be repeated");
    assert_submits(&w);
    world_raw(&w, "FUNCTION", "FLUSH", NULL, NULL);
    prepare(&w, true, ERR_OK, "");
    assert_submits(&w);
    world_stop(&w);
}

Test(records_prepare, test_records_prepare_when_functions_are_newer_or_older_then_newest_stays)
{
    struct world w;
    world_start(&w);
    world_raw(&w, "FUNCTION", "LOAD", "REPLACE",
              "#!lua name=longhaul\n"
              "redis.register_function{function_name='lh_version', callback=function() return 99 "
              "end, flags={'no-writes'}}");
    prepare(&w, true, ERR_OK, "");
    cr_assert_eq(submit_once(&w), ERR_UNAVAILABLE, "the newer ones were not replaced by prepare");
    world_raw(&w, "FUNCTION", "LOAD", "REPLACE",
              "#!lua name=longhaul\n"
              "redis.register_function{function_name='lh_version', callback=function() return 0 "
              "end, flags={'no-writes'}}");
    prepare(&w, true, ERR_OK, "");
    assert_submits(&w);
    world_stop(&w);
}

Test(records_prepare, test_records_when_redis_restarts_then_calls_go_on_and_nothing_is_lost)
{
    struct world w;
    world_start(&w);
    const struct attempt a = world_run(&w);
    w.answer.there = false;
    cr_assert_eq(kill(w.server.pid, SIGSTOP), 0); /* so that the call is surely in flight */
    cr_assert_eq(records_tick(w.records, world_tick, &w), ERR_OK);
    server_kill(&w.server);
    RUN_UNTIL(&w.loop, w.answer.there);
    cr_assert_eq(w.answer.err, ERR_UNAVAILABLE);
    cr_assert_eq(records_tick(w.records, world_tick, &w), ERR_UNAVAILABLE);
    cr_assert_eq(records_prepare(w.records, true, world_ready, &w), ERR_UNAVAILABLE);
    server_run(&w.server);
    RUN_UNTIL(&w.loop, w.client.ups == 2);
    do { /* it may answer LOADING first */
        ASK(&w, records_prepare(w.records, true, world_ready, &w));
    } while (w.answer.err == ERR_UNAVAILABLE);
    cr_assert_eq(w.answer.err, ERR_OK);
    world_read(&w, a.job_id);
    cr_assert_eq(w.answer.record.status, JOB_RUNNING);
    const struct record_finish end = completed(a);
    GET(&w, records_finish(w.records, &end, 1, world_finished, &w));
    cr_assert_eq(w.answer.finished[0].code, RECORD_FINISHED);
    world_stop(&w);
}

Test(records_prepare, test_records_when_redis_is_full_then_submit_is_refused_and_work_ends)
{
    struct world w;
    world_start(&w);
    const struct attempt a = world_run(&w);
    world_raw(&w, "CONFIG", "SET", "maxmemory", "1");
    cr_assert_eq(submit_once(&w), ERR_UNAVAILABLE);
    const struct record_finish end = completed(a);
    GET(&w, records_finish(w.records, &end, 1, world_finished, &w));
    cr_assert_eq(w.answer.finished[0].code, RECORD_FINISHED);
    world_raw(&w, "CONFIG", "SET", "maxmemory", "0");
    assert_submits(&w);
    world_stop(&w);
}

static void on_ignored(void *context, enum err err)
{
    (void)err;
    (*(size_t *)context)++;
}

Test(records_prepare, test_records_when_too_many_calls_are_in_flight_then_full)
{
    struct world w;
    world_start(&w);
    const struct span key = SPAN("k");
    size_t answered = 0, sent = 0;
    while (records_discarded(w.records, &key, 1, on_ignored, &answered) == ERR_OK) {
        cr_assert_lt(sent++, RECORDS_BATCH_MAX);
    }
    cr_assert_eq(records_discarded(w.records, &key, 1, on_ignored, &answered), ERR_FULL);
    RUN_UNTIL(&w.loop, answered == sent);
    cr_assert_eq(records_discarded(w.records, &key, 1, on_ignored, &answered), ERR_OK);
    RUN_UNTIL(&w.loop, answered == sent + 1);
    world_stop(&w);
}
