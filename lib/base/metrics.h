/* Metrics: a program's counters, gauges and histograms, shown in Prometheus' text format 0.0.4.
 *
 * One static table says every metric; its index is the metric's name in the code. Labels are
 * constant: a metric with labels is one row for each value, rows of one name stand together. Values
 * are whole numbers in the unit in which the code measures (ms, µs, bytes); `per_unit` turns them
 * into the unit in which they are shown.
 *
 *     enum { M_SUBMITS_OK, M_SUBMITS_FULL, M_SUBMIT_SECONDS, M_COUNT };
 *     static const struct metric_def defs[M_COUNT] = {
 *         [M_SUBMITS_OK] = {.name = "longhaul_submits_total", .labels = "code=\"ok\"", ...},
 *
 * Threads: everything but new and destroy may be called from any thread, without locks. What
 * `metrics_render` shows is not one instant, but no counter in it ever goes back. */
#ifndef LONGHAUL_BASE_METRICS_H
#define LONGHAUL_BASE_METRICS_H

#include "base/buf.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

enum { METRIC_BOUNDS_MAX = 32 };

struct metric_def {
    const char *name; /* with the unit, and _total for a counter */
    const char *help;
    const char *labels; /* `code="ok",kind="a"`, or NULL */
    enum metric_type type;
    uint64_t per_unit;      /* a power of ten: 1000 shows ms as s; 0 means 1 */
    const uint64_t *bounds; /* histogram: upper bounds, ascending, without +Inf */
    size_t bounds_count;    /* 1 .. METRIC_BOUNDS_MAX */
};

struct metrics;

/* `defs` is borrowed and must outlive the metrics. */
MUST_CHECK enum err metrics_new(const struct metric_def *defs, size_t count, struct metrics **out);
void metrics_destroy(struct metrics **m); /* NULL inside is fine */

void metrics_add(struct metrics *m, size_t index, int64_t n);      /* a counter takes no n < 0 */
void metrics_set(struct metrics *m, size_t index, int64_t n);      /* a gauge */
void metrics_observe(struct metrics *m, size_t index, uint64_t n); /* a histogram */
/* A counter's or gauge's value; how many were observed of a histogram. */
int64_t metrics_value(const struct metrics *m, size_t index);

/* Appends the text. The result is that of buf_error. */
MUST_CHECK enum err metrics_render(const struct metrics *m, struct buf *out);

#endif
