// links: base core ports hiredis
#include "tests/port/records_fixture.h"

/* ---- submit and claim */

Test(records, test_records_submit_when_a_worker_is_offered_then_claimed_else_queued)
{
    struct world w;
    world_start(&w);
    char first[JOB_ID_SIZE], second[JOB_ID_SIZE];
    const struct record_submit jobs[] = {world_job(&w, first), world_job(&w, second)};
    const struct span workers[] = {SPAN("w1")};
    GET(&w, records_submit(w.records, jobs, 2, workers, 1, world_submitted, &w));
    cr_assert_eq(w.answer.count, 2);
    cr_assert_eq(w.answer.submitted[0].code, RECORD_CLAIMED);
    cr_assert_eq(w.answer.submitted[0].worker, 0);
    cr_assert_eq(w.answer.submitted[1].code, RECORD_QUEUED);

    world_read(&w, first);
    cr_assert_eq(w.answer.record.status, JOB_RUNNING);
    cr_assert_eq(w.answer.record.version, 2);
    cr_assert_eq(w.answer.record.queue_position, -1);
    cr_assert_eq(record_log_last(span_of(w.answer.text)), 2);
    world_read(&w, second);
    cr_assert_eq(w.answer.record.status, JOB_QUEUED);
    cr_assert_eq(w.answer.record.queue_position, 1);
    cr_assert_eq(w.answer.record.file_id, 42);

    GET(&w, records_submit(w.records, jobs, 2, NULL, 0, world_submitted, &w));
    cr_assert_eq(w.answer.submitted[0].code, RECORD_EXISTS);
    cr_assert_eq(w.answer.submitted[1].code, RECORD_EXISTS);

    const struct span idle[] = {SPAN("w2"), SPAN("w3")};
    GET(&w, records_claim(w.records, idle, 2, world_claimed, &w));
    cr_assert_eq(w.answer.count, 1);
    cr_assert_str_eq(w.answer.claimed[0].attempt.job_id, second);
    cr_assert_eq(w.answer.claimed[0].attempt.fence, 1);
    cr_assert_eq(w.answer.claimed[0].version, 2);
    cr_assert_eq(w.answer.claimed[0].file_id, 42);
    cr_assert_eq(w.answer.claimed[0].timeout_ms, 60000);
    cr_assert_eq(w.answer.claimed[0].failures, 0);
    cr_assert_eq(w.answer.claimed[0].worker, 0);
    cr_assert(span_eq(w.answer.claimed[0].spec, jobs[1].spec), "the bytes, NUL included");
    GET(&w, records_claim(w.records, idle, 2, world_claimed, &w));
    cr_assert_eq(w.answer.count, 0);
    world_stop(&w);
}

Test(records, test_records_submit_when_a_key_is_used_again_then_replayed_or_conflict)
{
    struct world w;
    world_start(&w);
    char ids[3][JOB_ID_SIZE];
    struct record_submit jobs[3];
    for (size_t i = 0; i < 3; i++) {
        jobs[i] = world_job(&w, ids[i]);
        jobs[i].idempotency_hash = SPAN("0123456789abcdef0123456789abcdef");
        jobs[i].fingerprint = SPAN("\xFF\0abcdefghijklmnopqrstuvwxyz0123");
    }
    jobs[2].fingerprint = SPAN("\xFE\0abcdefghijklmnopqrstuvwxyz0123");
    GET(&w, records_submit(w.records, jobs, 3, NULL, 0, world_submitted, &w));
    cr_assert_eq(w.answer.submitted[0].code, RECORD_QUEUED);
    cr_assert_eq(w.answer.submitted[1].code, RECORD_REPLAYED);
    cr_assert_str_eq(w.answer.text, ids[0]);
    cr_assert_eq(w.answer.submitted[2].code, RECORD_CONFLICT);
    world_stop(&w);
}

Test(records, test_records_submit_when_a_key_has_an_owner_then_it_is_one_for_jobs_of_all_users)
{
    static const char *const users[] = {"u1", "u2", "u1", "a:b"};
    static const char *const owners[] = {"admin", "admin", "u1", "a"};
    static const enum record_submit_code codes[] = {RECORD_QUEUED, RECORD_CONFLICT, RECORD_QUEUED,
                                                    RECORD_QUEUED};
    struct world w;
    world_start(&w);
    char ids[4][JOB_ID_SIZE];
    struct record_submit jobs[4];
    for (size_t i = 0; i < 4; i++) {
        jobs[i] = world_job(&w, ids[i]);
        jobs[i].user_id = span_of(users[i]);
        jobs[i].idempotency_owner = span_of(owners[i]);
        jobs[i].idempotency_hash = SPAN("0123456789abcdef0123456789abcdef");
        jobs[i].fingerprint = SPAN("\xFF\0abcdefghijklmnopqrstuvwxyz0123");
    }
    jobs[1].fingerprint = SPAN("\xFE\0abcdefghijklmnopqrstuvwxyz0123");
    GET(&w, records_submit(w.records, jobs, 4, NULL, 0, world_submitted, &w));
    for (size_t i = 0; i < 4; i++) {
        cr_expect_eq(w.answer.submitted[i].code, codes[i], "%zu", i);
    }
    world_stop(&w);
}

Test(records, test_records_retry_when_the_queue_is_full_then_refused_until_there_is_room)
{
    struct world w;
    world_start(&w);
    char ids[2][JOB_ID_SIZE];
    struct record_submit jobs[2];
    for (size_t i = 0; i < 2; i++) {
        jobs[i] = world_job(&w, ids[i]);
    }
    GET(&w, records_submit(w.records, jobs, 2, NULL, 0, world_submitted, &w));
    struct records_config small = world_config();
    small.queue_max = 1;
    struct records *full = NULL;
    cr_assert_eq(records_new(w.client.conn, &small, &full), ERR_OK);
    const struct record_command cancel = {.kind = RECORD_CANCEL, .job_id = {ids[0], JOB_ID_LEN}};
    const struct record_command retry = {.kind = RECORD_RETRY, .job_id = {ids[0], JOB_ID_LEN}};
    const struct record_command other = {.kind = RECORD_CANCEL, .job_id = {ids[1], JOB_ID_LEN}};
    GET(&w, records_command(full, &cancel, world_commanded, &w));
    GET(&w, records_command(full, &retry, world_commanded, &w));
    cr_assert_eq(w.answer.commanded.code, RECORD_CMD_QUEUE_FULL);
    cr_assert_eq(w.answer.commanded.status, JOB_CANCELED);
    GET(&w, records_command(full, &other, world_commanded, &w));
    GET(&w, records_command(full, &retry, world_commanded, &w));
    cr_assert_eq(w.answer.commanded.code, RECORD_CMD_DONE);
    records_destroy(&full);
    world_stop(&w);
}

Test(records, test_records_submit_when_limits_are_reached_then_quota_or_full)
{
    struct world w;
    world_start(&w);
    char ids[3][JOB_ID_SIZE];
    struct record_submit jobs[3];
    for (size_t i = 0; i < 3; i++) {
        jobs[i] = world_job(&w, ids[i]);
        jobs[i].user_id = SPAN("u 1:;\xC3\xA9");
    }
    GET(&w, records_submit(w.records, jobs, 3, NULL, 0, world_submitted, &w));
    cr_assert_eq(w.answer.submitted[1].code, RECORD_QUEUED);
    cr_assert_eq(w.answer.submitted[2].code, RECORD_QUOTA);
    world_read(&w, ids[0]);
    cr_assert_str_eq(w.answer.user, "u 1:;\xC3\xA9");

    struct records_config small = world_config();
    small.queue_max = 2;
    struct records *full = NULL;
    cr_assert_eq(records_new(w.client.conn, &small, &full), ERR_OK);
    jobs[2].user_id = SPAN("");
    GET(&w, records_submit(full, &jobs[2], 1, NULL, 0, world_submitted, &w));
    cr_assert_eq(w.answer.submitted[0].code, RECORD_QUEUE_FULL);
    records_destroy(&full);
    world_stop(&w);
}

Test(records, test_records_submit_when_a_batch_is_as_large_as_allowed_then_all_answered)
{
    struct world w;
    world_start(&w);
    static char ids[RECORDS_BATCH_MAX][JOB_ID_SIZE];
    static struct record_submit jobs[RECORDS_BATCH_MAX + 1];
    static struct span workers[RECORDS_BATCH_MAX];
    static char spec[JOB_SPEC_MAX], hashes[RECORDS_BATCH_MAX][SHA256_SIZE];
    for (size_t i = 0; i < RECORDS_BATCH_MAX; i++) {
        jobs[i] = world_job(&w, ids[i]);
        jobs[i].spec = (struct span){spec, sizeof(spec)};
        jobs[i].file_id = JOB_FILE_ID_MAX;
        memcpy(hashes[i], ids[i], JOB_ID_LEN);
        jobs[i].idempotency_hash = (struct span){hashes[i], SHA256_SIZE};
        jobs[i].fingerprint = jobs[i].idempotency_hash;
        workers[i] = SPAN("w1");
    }
    GET(&w, records_submit(w.records, jobs, RECORDS_BATCH_MAX, workers, RECORDS_BATCH_MAX / 2,
                           world_submitted, &w));
    cr_assert_eq(w.answer.count, RECORDS_BATCH_MAX);
    size_t claimed = 0;
    for (size_t i = 0; i < RECORDS_BATCH_MAX; i++) {
        claimed += w.answer.submitted[i].code == RECORD_CLAIMED;
    }
    cr_assert_eq(claimed, RECORDS_BATCH_MAX / 2);
    cr_assert_eq(
        records_submit(w.records, jobs, RECORDS_BATCH_MAX + 1, NULL, 0, world_submitted, &w),
        ERR_TOO_LARGE);
    static struct attempt attempts[RECORDS_BATCH_MAX];
    for (size_t i = 0; i < RECORDS_BATCH_MAX; i++) {
        memcpy(attempts[i].job_id, ids[i], JOB_ID_SIZE);
        attempts[i].fence = 1;
    }
    GET(&w, records_renew(w.records, attempts, RECORDS_BATCH_MAX, world_renewed, &w));
    cr_assert_eq(w.answer.count, RECORDS_BATCH_MAX);
    static struct record_finish ends[RECORDS_BATCH_MAX];
    for (size_t i = 0; i < RECORDS_BATCH_MAX; i++) {
        ends[i] = completed(attempts[i]);
    }
    GET(&w, records_finish(w.records, ends, RECORDS_BATCH_MAX, world_finished, &w));
    cr_assert_eq(w.answer.count, RECORDS_BATCH_MAX);
    world_stop(&w);
}

/* ---- while it runs */

Test(records, test_records_renew_when_the_fence_is_old_then_stale)
{
    struct world w;
    world_start(&w);
    struct attempt a[2] = {world_run(&w)};
    a[1] = a[0];
    a[1].fence = 7;
    GET(&w, records_renew(w.records, a, 2, world_renewed, &w));
    cr_assert_eq(w.answer.renewed[0].hold, RECORD_HELD);
    cr_assert_eq(w.answer.renewed[0].version, 2);
    cr_assert_eq(w.answer.renewed[0].transition, 2);
    cr_assert_eq(w.answer.renewed[1].hold, RECORD_STALE);
    world_stop(&w);
}

Test(records, test_records_progress_when_held_then_recorded_else_stale)
{
    struct world w;
    world_start(&w);
    const struct attempt a = world_run(&w);
    struct record_progress p[2] = {{a, {50, 9, STAGE_UPLOADING, 10, 20}},
                                   {a, {-1, -1, STAGE_FETCHING, 0, -1}}};
    p[1].attempt.fence = 2;
    GET(&w, records_progress(w.records, p, 2, world_progressed, &w));
    cr_assert_eq(w.answer.progressed[0].hold, RECORD_HELD);
    cr_assert_eq(w.answer.progressed[0].version, 3);
    cr_assert_eq(w.answer.progressed[0].transition, 2);
    cr_assert_gt(w.answer.progressed[0].updated_at_s, 1700000000);
    cr_assert_eq(w.answer.progressed[1].hold, RECORD_STALE);
    world_read(&w, a.job_id);
    cr_assert_eq(w.answer.record.progress, 50);
    cr_assert_eq(w.answer.record.eta_s, 9);
    cr_assert_eq(w.answer.record.stage, STAGE_UPLOADING);
    cr_assert_eq(w.answer.record.bytes_total, 20);
    p[1].attempt.fence = 1;
    GET(&w, records_progress(w.records, &p[1], 1, world_progressed, &w));
    cr_assert_eq(w.answer.progressed[0].hold, RECORD_HELD);
    world_read(&w, a.job_id);
    cr_assert_eq(w.answer.record.progress, -1);
    cr_assert_eq(w.answer.record.bytes_total, -1);
    world_stop(&w);
}

/* ---- ends */

Test(records, test_records_finish_when_completed_twice_then_repeated)
{
    struct world w;
    world_start(&w);
    const struct attempt a = world_run(&w);
    const struct record_finish end = completed(a);
    GET(&w, records_finish(w.records, &end, 1, world_finished, &w));
    cr_assert_eq(w.answer.finished[0].code, RECORD_FINISHED);
    cr_assert_eq(w.answer.finished[0].status, JOB_COMPLETED);
    cr_assert_eq(w.answer.finished[0].version, 3);
    GET(&w, records_finish(w.records, &end, 1, world_finished, &w));
    cr_assert_eq(w.answer.finished[0].code, RECORD_REPEATED);
    cr_assert_eq(w.answer.finished[0].version, 3);
    world_read(&w, a.job_id);
    cr_assert_eq(w.answer.record.size_bytes, 5);
    cr_assert_eq(w.answer.record.progress, 100);
    cr_assert_gt(w.answer.record.completed_at_s, 0);
    cr_assert_str_eq(w.answer.name, "a.bin");
    world_stop(&w);
}

Test(records, test_records_finish_when_failed_then_retried_later_or_for_good)
{
    struct world w;
    world_start(&w);
    const struct attempt a = world_run(&w), b = world_run(&w), c = world_run(&w);
    const struct failure again = {SPAN("SOURCE_UNREACHABLE"), SPAN("no"), true, 0};
    const struct failure final = {SPAN("SOURCE_NOT_FOUND"), SPAN("\xC3\xA9 gone"), false, 0};
    struct attempt stale = c;
    stale.fence = 9;
    const struct record_finish ends[] = {
        {.attempt = a, .end = RECORD_END_FAILED, .failure = again, .retry_delay_ms = 60000},
        {.attempt = b, .end = RECORD_END_FAILED, .failure = final},
        {.attempt = c, .end = RECORD_END_RELEASED},
        {.attempt = stale, .end = RECORD_END_RELEASED},
    };
    GET(&w, records_finish(w.records, ends, COUNT(ends), world_finished, &w));
    cr_assert_eq(w.answer.finished[0].status, JOB_QUEUED);
    cr_assert_eq(w.answer.finished[1].status, JOB_FAILED);
    cr_assert_eq(w.answer.finished[2].status, JOB_QUEUED);
    cr_assert_eq(w.answer.finished[3].code, RECORD_END_STALE);
    world_read(&w, a.job_id);
    cr_assert_eq(w.answer.record.attempts, 1);
    cr_assert_gt(w.answer.record.next_attempt_at_s, 0);
    world_read(&w, b.job_id);
    cr_assert_str_eq(w.answer.code, "SOURCE_NOT_FOUND");
    cr_assert_not(w.answer.record.error_retryable);
    GET(&w, records_tick(w.records, world_tick, &w));
    cr_assert_eq(w.answer.tick.ready, 1);
    cr_assert(w.answer.tick.next_due_ms > 50000 && w.answer.tick.next_due_ms <= 60000);
    world_stop(&w);
}

Test(records, test_records_finish_when_lost_then_only_its_broker_may_say_so)
{
    struct world w;
    world_start(&w);
    const struct attempt a = world_run(&w);
    struct records_config other = world_config();
    other.broker_id = "b2";
    struct records *second = NULL;
    cr_assert_eq(records_new(w.client.conn, &other, &second), ERR_OK);
    const struct record_finish lost = {.attempt = a, .end = RECORD_END_LOST};
    GET(&w, records_finish(second, &lost, 1, world_finished, &w));
    cr_assert_eq(w.answer.finished[0].code, RECORD_END_STALE);
    GET(&w, records_finish(w.records, &lost, 1, world_finished, &w));
    cr_assert_eq(w.answer.finished[0].code, RECORD_FINISHED);
    cr_assert_eq(w.answer.finished[0].status, JOB_QUEUED);
    records_destroy(&second);
    world_stop(&w);
}

/* ---- commands */

static void command(struct world *w, enum record_command_kind kind, const char *id,
                    enum record_command_code expected)
{
    const struct record_command command = {.kind = kind, .job_id = span_of(id)};
    GET(w, records_command(w->records, &command, world_commanded, w));
    cr_assert_eq(w->answer.commanded.code, expected, "got %d", (int)w->answer.commanded.code);
}

Test(records, test_records_command_when_running_then_marked_and_the_end_is_refused)
{
    struct world w;
    world_start(&w);
    const struct attempt a = world_run(&w);
    command(&w, RECORD_RETRY, a.job_id, RECORD_CMD_ACTIVE);
    command(&w, RECORD_REMOVE, a.job_id, RECORD_CMD_ACTIVE);
    command(&w, RECORD_CANCEL, a.job_id, RECORD_CMD_UNDERWAY);
    cr_assert_eq(w.answer.commanded.status, JOB_RUNNING);
    GET(&w, records_renew(w.records, &a, 1, world_renewed, &w));
    cr_assert_eq(w.answer.renewed[0].hold, RECORD_CANCEL_WANTED);
    const struct record_finish end = completed(a);
    GET(&w, records_finish(w.records, &end, 1, world_finished, &w));
    cr_assert_eq(w.answer.finished[0].code, RECORD_END_REFUSED);
    cr_assert_eq(w.answer.finished[0].status, JOB_CANCELED);
    command(&w, RECORD_CANCEL, a.job_id, RECORD_CMD_ALREADY);
    command(&w, RECORD_RETRY, a.job_id, RECORD_CMD_DONE);
    command(&w, RECORD_CANCEL, a.job_id, RECORD_CMD_DONE);
    command(&w, RECORD_REMOVE, a.job_id, RECORD_CMD_DONE);
    command(&w, RECORD_REMOVE, a.job_id, RECORD_CMD_GONE);
    ASK(&w, reader_get(w.client.conn, span_of(a.job_id), world_record, &w));
    cr_assert_eq(w.answer.err, ERR_NOT_FOUND);
    cr_assert_eq(reader_get(w.client.conn, SPAN("../x"), world_record, &w), ERR_NOT_FOUND);
    world_stop(&w);
}

Test(records, test_records_command_when_sent_again_then_done_again_and_anothers_is_refused)
{
    struct world w;
    world_start(&w);
    const struct attempt a = world_run(&w);
    const struct record_finish end = completed(a);
    GET(&w, records_finish(w.records, &end, 1, world_finished, &w));
    struct record_command remove = {
        .kind = RECORD_REMOVE, .job_id = span_of(a.job_id), .command_id = UINT64_MAX};
    for (int i = 0; i < 2; i++) {
        GET(&w, records_command(w.records, &remove, world_commanded, &w));
        cr_assert_eq(w.answer.commanded.code, RECORD_CMD_DONE);
    }
    remove.command_id = 1;
    GET(&w, records_command(w.records, &remove, world_commanded, &w));
    cr_assert_eq(w.answer.commanded.code, RECORD_CMD_GONE);
    world_stop(&w);
}

Test(records, test_records_command_when_completed_then_neither_canceled_nor_retried)
{
    struct world w;
    world_start(&w);
    const struct attempt a = world_run(&w);
    const struct record_finish end = completed(a);
    GET(&w, records_finish(w.records, &end, 1, world_finished, &w));
    command(&w, RECORD_CANCEL, a.job_id, RECORD_CMD_TERMINAL);
    command(&w, RECORD_RETRY, a.job_id, RECORD_CMD_COMPLETED);
    world_stop(&w);
}

/* ---- upkeep */

Test(records, test_records_expire_when_a_job_was_removed_then_its_artifact_is_named_until_discarded)
{
    struct world w;
    world_start(&w);
    const struct attempt a = world_run(&w);
    const struct record_finish end = completed(a);
    GET(&w, records_finish(w.records, &end, 1, world_finished, &w));
    GET(&w, records_expire(w.records, world_expired, &w));
    cr_assert_eq(w.answer.count, 0);
    command(&w, RECORD_REMOVE, a.job_id, RECORD_CMD_DONE);
    GET(&w, records_expire(w.records, world_expired, &w));
    cr_assert_eq(w.answer.count, 1);
    cr_assert_str_eq(w.answer.text, "the/key.1");
    GET(&w, records_get_stats(w.records, world_stats, &w));
    cr_assert_eq(w.answer.stats.garbage, 1);
    const struct span key = SPAN("the/key.1");
    GET(&w, records_discarded(w.records, &key, 1, world_done, &w));
    GET(&w, records_get_stats(w.records, world_stats, &w));
    cr_assert_eq(w.answer.stats.garbage, 0);
    world_stop(&w);
}

Test(records, test_records_audit_when_the_queue_lost_a_job_then_repaired)
{
    struct world w;
    world_start(&w);
    char id[JOB_ID_SIZE];
    const struct record_submit job = world_job(&w, id);
    GET(&w, records_submit(w.records, &job, 1, NULL, 0, world_submitted, &w));
    GET(&w, records_get_stats(w.records, world_stats, &w));
    cr_assert_eq(w.answer.stats.ready, 1);
    cr_assert_geq(w.answer.stats.oldest_waiting_ms, 0);
    world_raw(&w, "DEL", "lh:{0}:ready", NULL, NULL);
    uint64_t repaired = 0;
    do {
        GET(&w, records_audit(w.records, world_audit, &w));
        repaired += w.answer.audit.repaired;
    } while (!w.answer.audit.wrapped);
    cr_assert_eq(repaired, 1);
    GET(&w, records_get_stats(w.records, world_stats, &w));
    cr_assert_eq(w.answer.stats.ready, 1);
    cr_assert_eq(w.answer.stats.running + w.answer.stats.delayed + w.answer.stats.parked, 0);
    world_stop(&w);
}

Test(records, test_reader_get_when_a_record_is_damaged_or_functions_are_gone_then_an_error)
{
    struct world w;
    world_start(&w);
    char id[JOB_ID_SIZE], key[64];
    const struct record_submit job = world_job(&w, id);
    GET(&w, records_submit(w.records, &job, 1, NULL, 0, world_submitted, &w));
    world_raw(&w, "FUNCTION", "FLUSH", NULL, NULL);
    ASK(&w, reader_get(w.client.conn, job.job_id, world_record, &w));
    cr_assert_eq(w.answer.err, ERR_UNAVAILABLE, "its place in the queue cannot be asked for");
    (void)snprintf(key, sizeof(key), JOB_KEY_PREFIX "%s", id);
    world_raw(&w, "HSET", key, "version", "many");
    ASK(&w, reader_get(w.client.conn, job.job_id, world_record, &w));
    cr_assert_eq(w.answer.err, ERR_INTERNAL);
    world_raw(&w, "DEL", key, NULL, NULL);
    world_raw(&w, "SET", key, "text", NULL);
    ASK(&w, reader_get(w.client.conn, job.job_id, world_record, &w));
    cr_assert_neq(w.answer.err, ERR_OK, "a key of another type");
    world_stop(&w);
}

Test(records, test_records_channel_when_asked_then_the_shards)
{
    struct world w;
    world_open(&w, durable);
    char channel[32];
    records_channel(w.records, channel, sizeof(channel));
    cr_assert_str_eq(channel, "lh:{0}:wake");
    world_stop(&w);
}
