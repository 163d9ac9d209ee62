#include "core/tally.h"

#include <assert.h>
#include <string.h>

enum { MINUTE_MS = 60000, STEPS_AN_OCTAVE = 4 };

void tally_init(struct tally *t)
{
    memset(t, 0, sizeof *t);
    for (size_t i = 0; i < TALLY_MINUTES; i++) {
        t->minutes[i].minute = -1;
    }
}

static int64_t minute_of(int64_t wall_ms)
{
    return wall_ms < 0 ? 0 : wall_ms / MINUTE_MS;
}

static struct tally_minute *now(struct tally *t, int64_t wall_ms)
{
    const int64_t minute = minute_of(wall_ms);
    struct tally_minute *m = &t->minutes[minute % TALLY_MINUTES];
    if (m->minute != minute) {
        *m = (struct tally_minute){.minute = minute};
    }
    return m;
}

static const struct tally_minute *past(const struct tally *t, size_t ago, int64_t wall_ms)
{
    const int64_t minute = minute_of(wall_ms) - (int64_t)ago;
    if (ago >= TALLY_MINUTES || minute < 0) {
        return NULL;
    }
    const struct tally_minute *m = &t->minutes[minute % TALLY_MINUTES];
    return m->minute == minute ? m : NULL;
}

static void add(uint32_t *count)
{
    *count += *count < UINT32_MAX ? 1 : 0;
}

void tally_event(struct tally *t, enum tally_event event, int64_t wall_ms)
{
    assert(event < TALLY_EVENTS);
    t->totals.of[event]++;
    add(&now(t, wall_ms)->of[event]);
}

/* Upper ends: 2^octave times 2^(quarter/4), the fractions in 1/1024. */
static int64_t step_end_ms(size_t step)
{
    static const int64_t quarters[STEPS_AN_OCTAVE] = {1024, 1218, 1448, 1722};
    return (quarters[step % STEPS_AN_OCTAVE] << (step / STEPS_AN_OCTAVE)) / 1024;
}

static size_t step_of(int64_t took_ms)
{
    size_t step = 0;
    while (step < TALLY_STEPS - 1 && step_end_ms(step) < took_ms) {
        step++;
    }
    return step;
}

void tally_completed(struct tally *t, int64_t took_ms, int64_t wall_ms)
{
    tally_event(t, TALLY_COMPLETED, wall_ms);
    add(&now(t, wall_ms)->steps[step_of(took_ms)]);
}

void tally_failure(struct tally *t, enum job_error code, bool retried, int64_t wall_ms)
{
    assert(code < JOB_ERROR_COUNT);
    tally_event(t, retried ? TALLY_RETRIED : TALLY_FAILED, wall_ms);
    struct tally_code *c = &now(t, wall_ms)->codes[code];
    add(retried ? &c->attempts : &c->jobs);
}

struct tally_counts tally_minute_ago(const struct tally *t, size_t ago, int64_t wall_ms)
{
    struct tally_counts counts = {{0}};
    const struct tally_minute *m = past(t, ago, wall_ms);
    for (size_t i = 0; m != NULL && i < TALLY_EVENTS; i++) {
        counts.of[i] = m->of[i];
    }
    return counts;
}

static uint32_t sum(uint32_t a, uint32_t b)
{
    return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

struct tally_code tally_code_of(const struct tally *t, enum job_error code, int64_t wall_ms)
{
    assert(code < JOB_ERROR_COUNT);
    struct tally_code all = {0};
    for (size_t ago = 0; ago < TALLY_MINUTES; ago++) {
        const struct tally_minute *m = past(t, ago, wall_ms);
        if (m != NULL) {
            all.jobs = sum(all.jobs, m->codes[code].jobs);
            all.attempts = sum(all.attempts, m->codes[code].attempts);
        }
    }
    return all;
}

void tally_steps(const struct tally *t, size_t minutes, int64_t wall_ms, uint32_t out[TALLY_STEPS])
{
    memset(out, 0, TALLY_STEPS * sizeof out[0]);
    for (size_t ago = 0; ago < minutes; ago++) {
        const struct tally_minute *m = past(t, ago, wall_ms);
        for (size_t i = 0; m != NULL && i < TALLY_STEPS; i++) {
            out[i] = sum(out[i], m->steps[i]);
        }
    }
}

int64_t tally_quantile(const uint32_t steps[TALLY_STEPS], unsigned per_mille)
{
    assert(per_mille >= 1 && per_mille <= 1000);
    uint64_t all = 0, seen = 0;
    for (size_t i = 0; i < TALLY_STEPS; i++) {
        all += steps[i];
    }
    const uint64_t wanted = (all * per_mille + 999) / 1000;
    for (size_t i = 0; i < TALLY_STEPS; i++) {
        seen += steps[i];
        if (all > 0 && seen >= wanted) {
            return step_end_ms(i);
        }
    }
    return -1;
}
