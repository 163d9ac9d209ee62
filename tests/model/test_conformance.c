// links: base core ports support hiredis
/* The functions in Redis against the model: long random sequences, every reply compared, and the
 * whole state again and again. */
#include "tests/model/world.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SEEDS = 24,
    STEPS = 4400,
    COMPARE_EVERY = 220,
    RECORDS_MAX = 700,
    QUEUE_MAX = 40,
    KNOWN_IDS = 32, /* the newest ids; commands pick among them */
    ARTIFACT_TTL_MS = 20000,
    RECORD_TTL_MS = 45000,
};

struct run {
    struct world *w;
    uint64_t random;
    char ids[KNOWN_IDS][JOB_ID_SIZE];
    size_t ids_made;
    int64_t running_max;
};

static uint32_t pick(struct run *r, uint32_t below)
{
    r->random ^= r->random << 13;
    r->random ^= r->random >> 7;
    r->random ^= r->random << 17;
    return (uint32_t)(r->random >> 33) % below;
}

static const char *pick_text(struct run *r, const char *const *texts, uint32_t count)
{
    return texts[pick(r, count)];
}
#define PICK(r, array) pick_text((r), (array), sizeof(array) / sizeof((array)[0]))

static const char *const users[] = {"", "", "alice", "bob", "carol"};
static const char *const workers[] = {"w1", "w2", "worker-3"};
static const char *const brokers[] = {"b1", "b2"};
static const char *const commands[] = {"", "17", "18", "19"};

static const char *new_id(struct run *r)
{
    char *id = r->ids[r->ids_made % KNOWN_IDS];
    (void)snprintf(id, JOB_ID_SIZE, "00%09zu%08x%08x", r->ids_made, pick(r, UINT32_MAX),
                   pick(r, UINT32_MAX));
    r->ids_made++;
    return id;
}

static const char *known_id(struct run *r)
{
    const size_t count = r->ids_made < KNOWN_IDS ? r->ids_made : KNOWN_IDS;
    return count > 0 ? r->ids[pick(r, (uint32_t)count)] : "00never";
}

/* Most often the attempt that runs, sometimes an older or future one. */
static void put_attempt(struct run *r)
{
    const char *id = known_id(r);
    const struct model_job *j = model_find(r->w->model, id);
    const int64_t fence = j != NULL ? j->fence : 1;
    world_text(r->w, id);
    world_number(r->w, pick(r, 8) == 0 ? fence + 1 - pick(r, 3) + (fence == 0 ? 1 : 0) : fence);
}

static void put_workers(struct run *r, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        world_text(r->w, PICK(r, workers));
    }
}

static void put_item(struct run *r)
{
    static const char *const priorities[] = {"5", "5", "5", "9", "0", "7"};
    static const char *const delays[] = {"0", "0", "0", "0", "700", "4000"};
    static const char *const timeouts[] = {"3000", "10000", "60000", "300000"};
    static const char *const owners[] = {"", ":", "alice:", "bob:", "a:b:"};
    static const char *const attempts[] = {"3", "3", "1", "2", "10"};
    struct world *w = r->w;
    const bool keyed = pick(r, 4) == 0;
    char text[64];
    world_text(w, pick(r, 12) == 0 ? known_id(r) : new_id(r));
    world_text(w, PICK(r, users));
    world_number(w, pick(r, 100000) + 1);
    world_text(w, PICK(r, priorities));
    world_text(w, PICK(r, delays));
    world_text(w, PICK(r, timeouts));
    world_text(w, PICK(r, attempts));
    (void)snprintf(text, sizeof(text), "spec-%u", pick(r, 1000));
    world_text(w, text);
    (void)snprintf(text, sizeof(text), "%shash%zu", PICK(r, owners), r->ids_made / 8 + pick(r, 3));
    world_text(w, keyed ? text : "");
    world_text(w, keyed ? (pick(r, 5) == 0 ? "f2" : "f1") : "");
}

static void do_submit(struct run *r)
{
    struct world *w = r->w;
    const uint32_t free_workers = pick(r, 3) == 0 ? pick(r, 4) : 0, items = 1 + pick(r, 5);
    if (model_count(w->model) > RECORDS_MAX) {
        return;
    }
    world_begin(w, "lh_submit");
    world_text(w, PICK(r, brokers));
    world_number(w, QUEUE_MAX);
    world_number(w, 8);
    world_number(w, r->running_max);
    world_number(w, 86400000);
    world_number(w, free_workers);
    put_workers(r, free_workers);
    for (uint32_t i = 0; i < items; i++) {
        put_item(r);
    }
    world_run(w);
}

static void do_claim(struct run *r)
{
    world_begin(r->w, "lh_claim");
    world_text(r->w, PICK(r, brokers));
    world_number(r->w, r->running_max);
    put_workers(r, pick(r, 5));
    world_run(r->w);
}

static void do_renew(struct run *r)
{
    world_begin(r->w, "lh_renew");
    world_text(r->w, PICK(r, brokers));
    for (uint32_t i = pick(r, 12); i > 0; i--) {
        put_attempt(r);
    }
    world_run(r->w);
}

static void do_progress(struct run *r)
{
    static const char *const stages[] = {"fetching", "packing", "uploading"};
    struct world *w = r->w;
    world_begin(w, "lh_progress");
    for (uint32_t i = pick(r, 6); i > 0; i--) {
        put_attempt(r);
        world_number(w, (int64_t)pick(r, 101) - 1);
        world_number(w, (int64_t)pick(r, 3) - 1);
        world_text(w, PICK(r, stages));
        world_number(w, pick(r, 3));
        world_number(w, (int64_t)pick(r, 3) - 1);
    }
    world_run(w);
}

static void put_end(struct run *r)
{
    static const char *const kinds[] = {"0", "0", "0", "1", "1", "2", "3", "4", "4"};
    static const char *const codes[] = {"TIMEOUT", "STORE_UNAVAILABLE", "WORKER_LOST"};
    static const char *const delays[] = {"0", "0", "500", "3001"};
    struct world *w = r->w;
    const char *kind = PICK(r, kinds);
    char key[64];
    put_attempt(r);
    world_text(w, kind);
    if (kind[0] == '0') {
        (void)snprintf(key, sizeof(key), "%s.%s", w->argv[w->argc - 3], w->argv[w->argc - 2]);
        world_text(w, key);
        world_number(w, pick(r, 5));
        world_text(w, "e3b0c4");
        world_text(w, pick(r, 2) == 0 ? "a.bin" : "");
        world_text(w, pick(r, 2) == 0 ? "text/plain" : "");
        return;
    }
    world_text(w, kind[0] == '1' ? PICK(r, codes) : "");
    world_text(w, kind[0] == '1' && pick(r, 4) != 0 ? "because" : "");
    world_text(w, kind[0] != '1' ? "" : pick(r, 3) == 0 ? "0" : "1");
    world_text(w, kind[0] == '1' ? PICK(r, delays) : "");
    world_text(w, "");
}

static void do_finish(struct run *r)
{
    world_begin(r->w, "lh_finish");
    world_text(r->w, PICK(r, brokers));
    world_number(r->w, ARTIFACT_TTL_MS);
    world_number(r->w, RECORD_TTL_MS);
    for (uint32_t i = pick(r, 5); i > 0; i--) {
        put_end(r);
    }
    world_run(r->w);
}

static void do_cancel(struct run *r)
{
    world_begin(r->w, "lh_cancel");
    world_number(r->w, RECORD_TTL_MS);
    world_text(r->w, known_id(r));
    world_run(r->w);
}

static void do_retry(struct run *r)
{
    world_begin(r->w, "lh_retry");
    world_number(r->w, 8);
    world_text(r->w, known_id(r));
    world_text(r->w, PICK(r, commands));
    if (pick(r, 4) != 0) { /* else an older broker */
        world_number(r->w, pick(r, 2) == 0 ? QUEUE_MAX : 4);
    }
    world_run(r->w);
}

static void do_remove(struct run *r)
{
    world_begin(r->w, "lh_remove");
    world_text(r->w, known_id(r));
    world_text(r->w, PICK(r, commands));
    world_run(r->w);
}

static void do_tick(struct run *r)
{
    world_begin(r->w, "lh_tick");
    world_number(r->w, RECORD_TTL_MS);
    world_run(r->w);
}

static void do_expire(struct run *r)
{
    char key[MODEL_TEXT_SIZE];
    world_begin(r->w, "lh_expire");
    world_number(r->w, RECORD_TTL_MS);
    world_number(r->w, 3);
    world_run(r->w);
    if (r->w->model->garbage_count > 0) {
        model_copy(key, sizeof(key), r->w->model->garbage[0].key);
        world_begin(r->w, "lh_discarded");
        world_text(r->w, key);
        world_text(r->w, "never-was");
        world_run(r->w);
    }
}

static void do_read(struct run *r)
{
    static const char *const statuses[] = {"",       "queued",         "running",
                                           "failed", "queued,running", "failed,canceled,completed"};
    world_begin(r->w, "lh_stats");
    world_run(r->w);
    world_begin(r->w, "lh_list");
    world_text(r->w, PICK(r, users));
    world_text(r->w, PICK(r, statuses));
    world_number(r->w, 1 + pick(r, 20));
    world_text(r->w, pick(r, 2) == 0 ? "" : known_id(r));
    world_run(r->w);
}

/* Where nothing is damaged the audit has nothing to repair. */
static void do_audit(struct run *r)
{
    long seen = 0, repaired = 0;
    world_begin(r->w, "lh_audit");
    world_number(r->w, RECORD_TTL_MS);
    world_number(r->w, 100);
    const char *reply = world_run_real(r->w);
    cr_assert_eq(sscanf(reply, "i:%ld i:%ld", &seen, &repaired), 2, "%s", reply);
    cr_assert_eq(repaired, 0, "seed %u step %zu", r->w->seed, r->w->step);
}

/* Mostly small steps; sometimes everybody was away, sometimes the clock goes back. */
static void pass_time(struct run *r)
{
    const uint32_t x = pick(r, 1000);
    if (x < 4) {
        r->w->now_ms += 5000 + pick(r, 40000);
    } else if (x < 8) {
        r->w->now_ms -= 1 + pick(r, 15000);
    } else {
        r->w->now_ms += pick(r, 300);
    }
}

static void one_step(struct run *r)
{
    static const struct {
        void (*run)(struct run *r);
        uint32_t weight;
    } kinds[] = {{do_submit, 20}, {do_claim, 16}, {do_renew, 10}, {do_progress, 8},
                 {do_finish, 24}, {do_cancel, 6}, {do_retry, 6},  {do_remove, 3},
                 {do_tick, 14},   {do_expire, 4}, {do_read, 2},   {do_audit, 1}};
    uint32_t total = 0;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        total += kinds[i].weight;
    }
    uint32_t x = pick(r, total);
    size_t i = 0;
    while (x >= kinds[i].weight) {
        x -= kinds[i++].weight;
    }
    pass_time(r);
    kinds[i].run(r);
}

Test(conformance, test_functions_when_driven_at_random_then_as_the_model, .timeout = 280)
{
    struct run r = {.w = world_open()};
    size_t calls = 0;
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        world_reset(r.w, seed);
        r.random = seed * UINT64_C(0x9E3779B97F4A7C15);
        r.ids_made = 0;
        r.running_max = seed % 3;
        for (size_t i = 1; i <= STEPS; i++) {
            one_step(&r);
            if (i % COMPARE_EVERY == 0) {
                world_compare(r.w);
            }
        }
        calls += r.w->step;
    }
    cr_log_info("%zu calls compared", calls);
    world_close(&r.w);
}
