// links: base core
/* Every short history of a job, every way to look at it, every place to resume from: whatever a
 * stream sees, each transition is sent once and in order. */
#include "tests/unit/sse_samples.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { HISTORY_MAX = 6, LOG_SIZE = 256 };

struct history {
    struct job_record states[HISTORY_MAX];
    char logs[HISTORY_MAX][LOG_SIZE];
    size_t count;
};

static const char letters[] = "qrcfx";
static unsigned long histories, streams;

static bool can_follow(enum job_status from, enum job_status to)
{
    static const char *const next[JOB_STATUS_COUNT] = {
        [JOB_QUEUED] = "rx", [JOB_RUNNING] = "qcfx", [JOB_FAILED] = "q", [JOB_CANCELED] = "q"};
    return next[from] != NULL && strchr(next[from], letters[to]) != NULL;
}

static void add_state(struct history *h, enum job_status status, bool transition)
{
    const size_t i = h->count++;
    const char *before = i > 0 ? h->logs[i - 1] : "";
    const unsigned version = (unsigned)i + 1;
    if (transition) {
        (void)snprintf(h->logs[i], LOG_SIZE, "%s%s%u:%u:%c:1", before, i > 0 ? ";" : "", version,
                       100 + version, letters[status]);
    } else {
        (void)snprintf(h->logs[i], LOG_SIZE, "%s", before);
    }
    h->states[i] = record(status, version, h->logs[i]);
}

static bool is_transition(const struct history *h, uint64_t version)
{
    return version == 1 || h->states[version - 1].log.len != h->states[version - 2].log.len;
}

/* Checks one step against the history; `last` is the id before it, 0 for the first of a stream that
 * sends the full state. */
static void check_step(const struct history *h, const struct job_record *r,
                       const struct sse_step *s, uint64_t last)
{
    cr_assert(s->version > last && s->version <= r->version, "%s", h->logs[h->count - 1]);
    cr_assert_eq(s->status, h->states[s->version - 1].status);
    cr_assert(s->present == (s->version == r->version));
    if (last == 0) {
        cr_assert(s->kind == SSE_STEP_STATUS && s->present);
        return;
    }
    cr_assert(s->kind == (is_transition(h, s->version) ? SSE_STEP_STATUS : SSE_STEP_PROGRESS));
    for (uint64_t skipped = last + 1; skipped < s->version; skipped++) {
        cr_assert_not(is_transition(h, skipped), "lost %d of %s", (int)skipped,
                      h->logs[h->count - 1]);
    }
}

/* Looks at the states whose bit is set, from `from` on; resumes from version `resume` (0: does
 * not). */
static void run_stream(const struct history *h, unsigned seen, size_t from, uint64_t resume)
{
    char id[24];
    (void)snprintf(id, sizeof id, "%llu", (unsigned long long)resume);
    struct sse_cursor c = cursor(id);
    uint64_t last = resume <= h->states[from].version ? resume : 0;
    int64_t now_ms = 0;
    streams++;
    for (size_t i = from; i < h->count; i++) {
        const struct job_record *r = &h->states[i];
        if ((seen >> i & 1) == 0 && i != from && i + 1 != h->count) {
            continue;
        }
        now_ms += 1000;
        for (;;) {
            const struct sse_step s = sse_cursor_next(&c, r, now_ms);
            const bool ended = job_status_terminal(r->status) && last == r->version;
            cr_assert_eq(s.kind == SSE_STEP_END, ended);
            if (ended) {
                return;
            }
            if (s.kind == SSE_STEP_IDLE) {
                cr_assert(last == r->version && s.wait_ms == -1);
                break;
            }
            check_step(h, r, &s, last);
            last = s.version;
        }
    }
}

static void run_all(const struct history *h)
{
    histories++;
    for (unsigned seen = 0; seen < 1U << h->count; seen++) {
        for (size_t from = 0; from < h->count; from++) {
            for (uint64_t resume = 0; resume <= h->states[from].version + 1; resume++) {
                run_stream(h, seen, from, resume);
            }
        }
    }
}

static void extend(struct history *h)
{
    run_all(h);
    if (h->count == HISTORY_MAX) {
        return;
    }
    const enum job_status now = h->states[h->count - 1].status;
    if (now == JOB_RUNNING) {
        add_state(h, now, false);
        extend(h);
        h->count--;
    }
    for (enum job_status next = 0; next < JOB_STATUS_COUNT; next++) {
        if (can_follow(now, next)) {
            add_state(h, next, true);
            extend(h);
            h->count--;
        }
    }
}

Test(sse_histories,
     test_next_when_any_history_is_seen_in_any_way_then_each_transition_once_in_order)
{
    static struct history h;
    add_state(&h, JOB_QUEUED, true);
    extend(&h);
    cr_assert(histories > 50 && streams > 20000, "%lu %lu", histories, streams);
}
