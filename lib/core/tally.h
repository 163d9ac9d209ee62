/* Tally: what became of jobs, counted for operators: in all, and by minute for the last hour.
 *
 *     accepted    recorded as new          failed    ended as failed     canceled   ended so
 *     completed   with an artifact         retried   an attempt failed and the job waits for
 * another
 *
 * Failures are also counted by code, and how long attempts took that completed goes into steps of a
 * quarter octave: a quantile read from them is at most 19 % above the true one. Minutes are those
 * of the wall clock, so that tallies of different machines can be added up; a clock that steps back
 * loses the minutes after it and nothing else.
 *
 * Pure: the time is a parameter (ms since the epoch). About 30 KiB, the caller's storage. */
#ifndef LONGHAUL_CORE_TALLY_H
#define LONGHAUL_CORE_TALLY_H

#include "core/job_error.h"

#include <stddef.h>
#include <stdint.h>

enum {
    TALLY_MINUTES = 60,
    TALLY_STEPS = 88, /* 4 an octave from 1 ms on: the last one begins above an hour */
};

enum tally_event {
    TALLY_ACCEPTED,
    TALLY_COMPLETED,
    TALLY_FAILED,
    TALLY_CANCELED,
    TALLY_RETRIED,
    TALLY_EVENTS
};

struct tally_counts {
    uint64_t of[TALLY_EVENTS];
};

/* Failures of one code; JOB_ERROR_NONE stands for codes that are not on the list. */
struct tally_code {
    uint32_t jobs;     /* that failed for good */
    uint32_t attempts; /* that failed, with another to come */
};

struct tally_minute {
    int64_t minute; /* since the epoch: which minute this slot holds */
    uint32_t of[TALLY_EVENTS];
    struct tally_code codes[JOB_ERROR_COUNT];
    uint32_t steps[TALLY_STEPS];
};

struct tally {
    struct tally_counts totals;
    struct tally_minute minutes[TALLY_MINUTES]; /* by minute modulo TALLY_MINUTES */
};

void tally_init(struct tally *t);

/* TALLY_ACCEPTED, TALLY_CANCELED. */
void tally_event(struct tally *t, enum tally_event event, int64_t wall_ms);
void tally_completed(struct tally *t, int64_t took_ms, int64_t wall_ms);
/* An attempt's failure; `retried`: the job waits for another attempt. */
void tally_failure(struct tally *t, enum job_error code, bool retried, int64_t wall_ms);

/* The counts of the minute `ago` minutes before the present one; zeros for what is not known. */
struct tally_counts tally_minute_ago(const struct tally *t, size_t ago, int64_t wall_ms);
/* Of the last hour. */
struct tally_code tally_code_of(const struct tally *t, enum job_error code, int64_t wall_ms);
/* Sums of the last `minutes`, the present one included. */
void tally_steps(const struct tally *t, size_t minutes, int64_t wall_ms, uint32_t out[TALLY_STEPS]);

/* The upper end, in ms, of the step in which the quantile lies; -1 when nothing was counted.
 * `per_mille` 1 … 1000. */
int64_t tally_quantile(const uint32_t steps[TALLY_STEPS], unsigned per_mille);

#endif
