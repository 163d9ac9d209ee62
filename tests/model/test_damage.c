// links: base core ports support hiredis
/* What must not break the truth: bad arguments, keys of wrong types, entries that others removed, a
 * full Redis, a lost function library. */
#include "tests/model/steps.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct world *w;

static void open_world(void)
{
    w = world_open();
    step_tick(w);
    step_submit(w, 1, "alice", "w1");
    step_submit_many(w, 2, 3, "alice");
    step_submit(w, 5, "", "w1");
}
static void close_world(void)
{
    world_close(&w);
}
TestSuite(damage, .init = open_world, .fini = close_world, .timeout = 60);

/* Runs on Redis only, where the model has nothing to say. */
static const char *real(const char *function, const char *arguments)
{
    char text[4096], *rest = text;
    model_copy(text, sizeof(text), arguments);
    world_begin(w, function);
    for (char *word = strsep(&rest, " "); word != NULL; word = strsep(&rest, " ")) {
        world_text(w, strcmp(word, "''") == 0 ? "" : word);
    }
    return world_run_real(w);
}

#define GOOD_END "00000000001 1 0 key 10 sha '' ''"

Test(damage, test_calls_when_an_argument_is_bad_then_refused_and_nothing_is_half_done)
{
    static const struct {
        const char *function, *arguments;
    } bad[] = {
        {"lh_submit", ""},
        {"lh_submit", "b1 x 10 0 1000 0"},
        {"lh_submit", "b1 100 10 0 1000 2 w1"},
        {"lh_submit", "b1 100 10 0 1000 0 00a '' 1 5 0 60000 3 spec '' '' 00b '' 1 5 0"},
        {"lh_submit",
         "b1 100 10 0 1000 0 00a '' 1 5 0 60000 3 spec '' '' 00b '' 1 10 0 60000 3 spec '' ''"},
        {"lh_submit",
         "b1 100 10 0 1000 0 00a '' 1 5 0 60000 3 spec '' '' 00b '' 0x1 5 0 60000 3 spec '' ''"},
        {"lh_submit", "b1 100 10 0 1000 0 00a '' 1 5 0 60000 3 spec hash ''"},
        {"lh_submit", "b1 100 10 0 1000 0 00a '' 1 5 -1 60000 3 spec '' ''"},
        {"lh_submit", "b1 100 10 0 1000 0 00a '' 99999999999999999999 5 0 60000 3 spec '' ''"},
        {"lh_claim", "b1 x w1"},
        {"lh_renew", "b1 00000000001"},
        {"lh_renew", "b1 00000000001 nan"},
        {"lh_progress", "00000000001 1 10 -1 fetching 5 -1 00000000001 1 10 -1 nowhere 5 -1"},
        {"lh_progress", "00000000001 1 10 -1 fetching -1 -1"},
        {"lh_finish", "b1 1000 1000 " GOOD_END " 00000000002 1 7 '' '' '' '' ''"},
        {"lh_finish", "b1 1000 1000 " GOOD_END " 00000000002 1 1 '' m 1 0 ''"},
        {"lh_finish", "b1 1000 1000 " GOOD_END " 00000000002 1 1 C m yes 0 ''"},
        {"lh_finish", "b1 1000 1000 " GOOD_END " 00000000002 1 0 '' 1 sha '' ''"},
        {"lh_finish", "b1 inf 1000 " GOOD_END},
        {"lh_cancel", "1000"},
        {"lh_retry", "x 00000000001"},
        {"lh_retry", "10 00000000001 7 x"},
        {"lh_retry", "10 00000000001 7 ''"},
        {"lh_tick", "1e3"},
        {"lh_expire", "1000 100000"},
        {"lh_audit", "1000 0"},
        {"lh_list", "'' nonsense 10 ''"},
        {"lh_list", "'' queued,nonsense 10 ''"},
        {"lh_list", "'' queued,queued 10 ''"},
        {"lh_list", "'' queued, 10 ''"},
        {"lh_list", "'' '' 0 ''"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const char *reply = real(bad[i].function, bad[i].arguments);
        cr_assert_eq(strncmp(reply, "e:LHARGS", 8), 0, "%s %s: %s", bad[i].function,
                     bad[i].arguments, reply);
        world_compare(w);
    }
}

Test(damage, test_batch_when_it_has_too_many_items_then_refused)
{
    world_begin(w, "lh_renew");
    world_text(w, "b1");
    for (int i = 0; i < 257; i++) {
        world_text(w, "00a");
        world_text(w, "1");
    }
    cr_assert_eq(strncmp(world_run_real(w), "e:LHARGS", 8), 0);
}

Test(damage, test_submit_when_a_shared_key_has_a_wrong_type_then_nothing_is_half_done)
{
    static const char *const keys[] = {"ready",  "delayed", "parked", "lease",
                                       "expiry", "index",   "meta"};
    world_reset(w, 0);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        char words[96];
        world_do(w, "FLUSHALL");
        (void)snprintf(words, sizeof(words), "SET lh:{0}:%s damaged", keys[i]);
        world_do(w, words);
        const char *reply =
            real("lh_submit", "b1 9 9 0 1000 1 w1 00a eve 1 5 0 60000 3 spec hash body");
        cr_assert_eq(strncmp(reply, "e:WRONGTYPE", 11), 0, "%s: %s", keys[i], reply);
        world_do(w, "DBSIZE");
        cr_assert_str_eq(w->reply.data, "i:1 ", "%s", keys[i]);
    }
}

Test(damage, test_claim_when_a_record_is_no_record_then_it_is_dropped_and_the_next_is_claimed)
{
    char words[96];
    (void)snprintf(words, sizeof(words), "SET " JOB_KEY_PREFIX "%s damaged", step_id(2));
    world_do(w, words);
    world_begin(w, "lh_claim");
    world_text(w, "b1");
    world_text(w, "0");
    world_text(w, "w1");
    const char *reply = world_run_real(w);
    cr_assert_eq(strncmp(reply + 2, step_id(5), JOB_ID_LEN), 0, "%s", reply);
}

Test(damage, test_run_when_names_hold_its_separators_then_they_are_written_apart)
{
    (void)real("lh_claim", "b0 0 w0 w0 w0 w0 w0 w0 w0 w0"); /* nobody waits any more */
    (void)real("lh_submit", "b:1 9 9 0 1000 1 w:1;x 00a '' 1 5 0 60000 3 spec '' ''");
    world_do(w, "HGET " JOB_KEY_PREFIX "00a run");
    cr_assert_str_eq(w->reply.data, "b:1:1767000060000:::b_1:w_1_x ");
    cr_assert_str_eq(real("lh_renew", "b:1 00a 1"), "i:0 i:2 i:2 ");
    world_do(w, "HGET " JOB_KEY_PREFIX "00a run");
    cr_assert_str_eq(w->reply.data, "b:1:1767000060000:1::b_1:w_1_x ");
    cr_assert_str_eq(real("lh_finish", "b2 1000 1000 00a 1 4 '' '' '' '' ''"), "i:2 i:0 i:0 ");
    cr_assert_str_eq(real("lh_finish", "b:1 1000 1000 00a 1 4 '' '' '' '' ''"), "i:0 i:0 i:3 ");
    world_do(w, "HGET " JOB_KEY_PREFIX "00a run");
    cr_assert_str_eq(w->reply.data, "b:1 ");
}

static void audit_repairs(long expected)
{
    long seen = 0, repaired = 0, wrapped = 0;
    const char *reply = real("lh_audit", "200000 1000");
    (void)sscanf(reply, "i:%ld i:%ld i:%ld", &seen, &repaired, &wrapped);
    cr_assert_eq(repaired, expected, "%s", reply);
    cr_assert_eq(seen, 5);
    cr_assert_eq(wrapped, 1);
}

Test(damage, test_audit_when_nothing_is_damaged_then_nothing_is_changed)
{
    audit_repairs(0);
    world_compare(w);
}

/* Each of these must leave exactly the state from before the damage. */
Test(damage, test_audit_when_sets_and_indexes_are_damaged_then_restored)
{
    static const char *const damage[] = {
        "ZREM lh:{0}:index %s",          "ZREM lh:{0}:index:alice %s",
        "SREM lh:{0}:live:alice %s",     "SREM lh:{0}:running:alice %s",
        "ZADD lh:{0}:delayed 5 %s",      "ZADD lh:{0}:expiry 5 %s",
        "ZADD lh:{0}:parked 5 %s",       "ZADD lh:{0}:ready 5 %s",
        "SADD lh:{0}:live:alice 00gone",
    };
    for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
        char words[160], before[64];
        model_copy(before, sizeof(before), damage[i]);
        char *mark = strstr(before, "%s");
        if (mark != NULL) {
            *mark = '\0';
        }
        (void)snprintf(words, sizeof(words), "%s%s", before, mark != NULL ? step_id(1) : "");
        world_do(w, words);
        audit_repairs(1);
        world_compare(w);
    }
}

static void assert_score(const char *place, unsigned n, const char *expected)
{
    char words[96];
    (void)snprintf(words, sizeof(words), "ZSCORE lh:{0}:%s %s", place, step_id(n));
    world_do(w, words);
    cr_assert_str_eq(w->reply.data, expected, "%s of %u", place, n);
}

Test(damage, test_audit_when_places_are_lost_then_the_jobs_go_on)
{
    world_do(w, "DEL lh:{0}:lease");
    world_do(w, "DEL lh:{0}:ready");
    audit_repairs(5);
    assert_score("lease", 1, "b:1767000010000 ");
    char words[96];
    for (unsigned n = 2; n <= 4; n++) {
        (void)snprintf(words, sizeof(words), "ZRANK lh:{0}:ready %s", step_id(n));
        world_do(w, words);
        cr_assert_eq(strncmp(w->reply.data, "i:", 2), 0, "%u", n);
    }
    audit_repairs(0);
}

Test(damage, test_tick_when_a_lease_has_no_record_then_it_is_dropped)
{
    world_do(w, "ZADD lh:{0}:lease 1 00gone");
    world_do(w, "ZADD lh:{0}:delayed 1 00gone");
    world_do(w, "ZADD lh:{0}:expiry 1 00gone");
    step_wait(w, 1000);
    world_call(w, "lh_expire", "200000 10");
    world_compare(w);
}

Test(damage, test_submit_when_redis_is_full_then_refused_while_running_jobs_may_end)
{
    world_do(w, "CONFIG SET maxmemory 1mb");
    const char *reply = real("lh_submit", "b1 9 9 0 1000 0 00a '' 1 5 0 60000 3 spec '' ''");
    cr_assert_eq(strncmp(reply, "e:OOM", 5), 0, "%s", reply);
    step_renew(w, 1, 1, "b1");
    cr_assert_str_eq(step_complete(w, 1, 1), "i:0 i:2 i:3 ");
    step_cancel(w, 2);
    step_claim(w, 0);
    step_wait(w, 2000);
    reply = real("lh_retry", "10 00a");
    cr_assert_eq(strncmp(reply, "e:OOM", 5), 0, "%s", reply);
    world_compare(w);
    world_do(w, "CONFIG SET maxmemory 0");
    cr_assert_str_eq(step_submit(w, 9, "", NULL), "i:0 i:0 ");
}

Test(damage, test_library_when_lost_then_calls_fail_whole_and_loading_brings_it_back)
{
    world_do(w, "FUNCTION FLUSH");
    const char *reply = real("lh_tick", "200000");
    cr_assert_eq(strncmp(reply, "e:ERR Function not found", 24), 0, "%s", reply);
    world_compare(w);
    redis_side_load(&w->redis, true);
    step_wait(w, 1000);
    world_compare(w);
}

Test(damage, test_library_when_asked_then_it_has_a_version_and_loads_only_by_replacing)
{
    cr_assert_eq(strncmp(real("lh_version", "0"), "i:", 2), 0);
    cr_assert_gt(strtol(w->reply.data + 2, NULL, 10), 0);
    cr_assert(!redis_side_load(&w->redis, false), "a plain load must not shadow a newer one");
}
