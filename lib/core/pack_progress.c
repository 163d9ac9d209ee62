#include "core/pack_progress.h"

#include <assert.h>

enum { WINDOW_MS = PROGRESS_REPORT_MS };

void pack_progress_init(struct pack_progress *p, size_t sources, uint64_t bytes_max, int64_t now_ms)
{
    *p = (struct pack_progress){.unknown = sources,
                                .bytes_max = bytes_max < INT64_MAX ? bytes_max : INT64_MAX,
                                .percent = -1,
                                .window_ms = now_ms,
                                .stage = STAGE_FETCHING};
}

bool pack_progress_size(struct pack_progress *p, int64_t before, int64_t now)
{
    assert(before >= 0 ? p->known >= (uint64_t)before : p->unknown > 0);
    const uint64_t others = p->known - (before >= 0 ? (uint64_t)before : 0);
    const uint64_t bytes = now >= 0 ? (uint64_t)now : 0;
    if (bytes > p->bytes_max - others) {
        return false;
    }
    p->known = others + bytes;
    p->unknown = p->unknown - (before < 0 ? 1 : 0) + (now < 0 ? 1 : 0);
    return true;
}

static void count_held(struct pack_progress *p, int64_t now_ms)
{
    if (p->held) {
        p->held_ms += now_ms - p->held_since_ms;
    }
    p->held_since_ms = now_ms;
}

void pack_progress_held(struct pack_progress *p, bool held, int64_t now_ms)
{
    count_held(p, now_ms);
    p->held = held;
}

void pack_progress_fetched(struct pack_progress *p)
{
    p->fetched = true;
}

int64_t pack_progress_total(const struct pack_progress *p)
{
    return p->unknown == 0 ? (int64_t)p->known : -1;
}

static enum job_stage stage_at(struct pack_progress *p, int64_t now_ms)
{
    const int64_t passed_ms = now_ms - p->window_ms;
    if (p->fetched) {
        return STAGE_PACKING;
    }
    if (passed_ms >= WINDOW_MS) {
        count_held(p, now_ms);
        p->stage = 2 * p->held_ms > passed_ms ? STAGE_PACKING : STAGE_FETCHING;
        p->window_ms = now_ms;
        p->held_ms = 0;
    }
    return p->stage;
}

struct meter pack_progress_meter(struct pack_progress *p, const struct progress_rate *rate,
                                 uint64_t done, int64_t now_ms)
{
    const int64_t total = pack_progress_total(p);
    const int percent = progress_percent(done, total);
    p->percent = percent > p->percent ? percent : p->percent;
    return (struct meter){.percent = p->percent,
                          .eta_s = progress_rate_eta_s(rate, done, total),
                          .stage = stage_at(p, now_ms),
                          .bytes_done = done,
                          .bytes_total = total};
}
