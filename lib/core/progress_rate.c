#include "core/progress_rate.h"

enum { SAMPLE_MIN_MS = 50, PERCENT_RUNNING_MAX = 99 };

/* In 128 bits: 100 * done overflows 64, and a double's 0.29 * 100 is 28.999. */
__extension__ typedef unsigned __int128 uint128;

int progress_percent(uint64_t done, int64_t total)
{
    if (total < 0) {
        return -1;
    }
    if (total == 0) {
        return 0;
    }
    if (done >= (uint64_t)total) {
        return PERCENT_RUNNING_MAX;
    }
    return (int)((uint128)done * 100 / (uint128)total);
}

void progress_rate_init(struct progress_rate *r, uint64_t done, int64_t now_ms)
{
    *r =
        (struct progress_rate){.sampled_at_ms = now_ms, .sampled_done = done, .bytes_per_ms = -1.0};
}

void progress_rate_sample(struct progress_rate *r, uint64_t done, int64_t now_ms)
{
    const int64_t passed_ms = now_ms - r->sampled_at_ms;
    if (passed_ms < SAMPLE_MIN_MS) {
        return;
    }
    const double moved = done > r->sampled_done ? (double)(done - r->sampled_done) : 0.0;
    const double rate = moved / (double)passed_ms;
    /* W / (W + t) stands for e^(-t/W): the same shape, without libm. */
    const double keep =
        (double)PROGRESS_RATE_WINDOW_MS / (double)(PROGRESS_RATE_WINDOW_MS + passed_ms);
    r->bytes_per_ms = r->bytes_per_ms < 0.0 ? rate : keep * r->bytes_per_ms + (1.0 - keep) * rate;
    r->sampled_at_ms = now_ms;
    r->sampled_done = done;
}

int progress_rate_eta_s(const struct progress_rate *r, uint64_t done, int64_t total)
{
    if (total < 0 || r->bytes_per_ms <= 0.0) {
        return -1;
    }
    if (done >= (uint64_t)total) {
        return 0;
    }
    const double left_s = (double)((uint64_t)total - done) / r->bytes_per_ms / 1000.0;
    if (left_s > PROGRESS_ETA_MAX_S) {
        return -1;
    }
    const int whole_s = (int)left_s;
    return whole_s + ((double)whole_s < left_s ? 1 : 0);
}

void progress_gate_init(struct progress_gate *g, int64_t now_ms)
{
    *g = (struct progress_gate){.next_ms = now_ms + PROGRESS_REPORT_MS};
}

static bool meter_differs(const struct meter *a, const struct meter *b)
{
    return a->percent != b->percent || a->eta_s != b->eta_s || a->stage != b->stage ||
           a->bytes_done != b->bytes_done || a->bytes_total != b->bytes_total;
}

bool progress_gate_said(const struct progress_gate *g, const struct meter *m)
{
    return g->said_any && !meter_differs(&g->said, m);
}

bool progress_gate_pass(struct progress_gate *g, const struct meter *m, int64_t now_ms)
{
    if (now_ms < g->next_ms || progress_gate_said(g, m)) {
        return false;
    }
    g->said = *m;
    g->said_any = true;
    /* Keeps its rhythm: a caller that comes a little late each time still gets 4 a second. */
    const int64_t late_ms = now_ms - g->next_ms;
    g->next_ms = late_ms < PROGRESS_REPORT_MS ? g->next_ms + PROGRESS_REPORT_MS
                                              : now_ms + PROGRESS_REPORT_MS;
    return true;
}
