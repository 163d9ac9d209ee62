/* Progress rate: percent, ETA, and what is worth a report.
 *
 * The ETA divides what is left by a smoothed rate: an exponentially weighted mean whose weight
 * depends on the time between samples, so that irregular samples do not distort it. */
#ifndef LONGHAUL_CORE_PROGRESS_RATE_H
#define LONGHAUL_CORE_PROGRESS_RATE_H

#include "core/job.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    PROGRESS_REPORT_MS = 250,       /* at most 4 reports a second and job (contract §2) */
    PROGRESS_RATE_WINDOW_MS = 5000, /* the last so many ms count for about half */
    PROGRESS_ETA_MAX_S = 360000,    /* 100 hours; beyond that nobody knows */
};

/* floor(100 * done / total), at most 99: 100 is said only of a completed job. -1 when the total is
 * unknown (< 0). A total of 0 is 0 %. */
int progress_percent(uint64_t done, int64_t total);

struct progress_rate {
    int64_t sampled_at_ms;
    uint64_t sampled_done;
    double bytes_per_ms; /* smoothed; < 0 before the first interval */
};

void progress_rate_init(struct progress_rate *r, uint64_t done, int64_t now_ms);
/* Any number of times; a sample less than 50 ms after the last one is left for the next. */
void progress_rate_sample(struct progress_rate *r, uint64_t done, int64_t now_ms);
/* Whole seconds, rounded up; -1 while unknown. */
int progress_rate_eta_s(const struct progress_rate *r, uint64_t done, int64_t total);

/* When to report, and what was said last. */
struct progress_gate {
    int64_t next_ms; /* not before */
    struct meter said;
    bool said_any;
};

/* Nothing is reported in the first PROGRESS_REPORT_MS: a short job needs no progress. */
void progress_gate_init(struct progress_gate *g, int64_t now_ms);
/* True if `m` shall be reported now: it is time, and something a reader can see differs. It is then
 * taken as said. */
bool progress_gate_pass(struct progress_gate *g, const struct meter *m, int64_t now_ms);
/* Was `m` the last that was said? */
bool progress_gate_said(const struct progress_gate *g, const struct meter *m);

#endif
