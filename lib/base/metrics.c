#include "base/metrics.h"

#include <assert.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS_ALIGN = 64 /* bytes: metrics of different threads do not share a cache line */ };
enum { CELLS_PER_LINE = CELLS_ALIGN / sizeof(_Atomic int64_t) };

/* A metric's cells: one value; or a histogram's buckets, +Inf last, and then the sum. */
struct metrics {
    const struct metric_def *defs; /* borrowed */
    size_t count;
    size_t *first; /* owned: where the cells of each metric begin */
    _Atomic int64_t *cells;
};

static size_t cells_of(const struct metric_def *def)
{
    return def->type == METRIC_HISTOGRAM ? def->bounds_count + 2 : 1;
}

static bool is_power_of_ten(uint64_t n)
{
    while (n >= 10 && n % 10 == 0) {
        n /= 10;
    }
    return n == 1;
}

static bool is_sound(const struct metric_def *def)
{
    if (def->per_unit != 0 && !is_power_of_ten(def->per_unit)) {
        return false;
    }
    if (def->type != METRIC_HISTOGRAM) {
        return def->bounds_count == 0;
    }
    for (size_t i = 1; i < def->bounds_count; i++) {
        if (def->bounds[i - 1] >= def->bounds[i]) {
            return false;
        }
    }
    return def->bounds_count >= 1 && def->bounds_count <= METRIC_BOUNDS_MAX;
}

enum err metrics_new(const struct metric_def *defs, size_t count, struct metrics **out)
{
    struct metrics *m = calloc(1, sizeof *m);
    size_t *first = calloc(count + 1, sizeof *first);
    if (m == NULL || first == NULL) {
        free(m);
        free(first);
        return ERR_NOMEM;
    }
    size_t cells = 0;
    for (size_t i = 0; i < count; i++) {
        assert(is_sound(&defs[i]));
        first[i] = cells;
        cells += (cells_of(&defs[i]) + CELLS_PER_LINE - 1) / CELLS_PER_LINE * CELLS_PER_LINE;
    }
    *m = (struct metrics){.defs = defs, .count = count, .first = first};
    m->cells = aligned_alloc(CELLS_ALIGN, (cells + CELLS_PER_LINE) * sizeof *m->cells);
    if (m->cells == NULL) {
        metrics_destroy(&m);
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < cells; i++) {
        atomic_init(&m->cells[i], 0);
    }
    *out = m;
    return ERR_OK;
}

void metrics_destroy(struct metrics **m)
{
    if (*m != NULL) {
        free((*m)->first);
        free((*m)->cells);
        free(*m);
        *m = NULL;
    }
}

static void add(_Atomic int64_t *cell, int64_t n)
{
    (void)atomic_fetch_add_explicit(cell, n, memory_order_relaxed);
}

static int64_t load(const _Atomic int64_t *cell)
{
    return atomic_load_explicit(cell, memory_order_relaxed);
}

void metrics_add(struct metrics *m, size_t index, int64_t n)
{
    assert(index < m->count && m->defs[index].type != METRIC_HISTOGRAM);
    assert(n >= 0 || m->defs[index].type == METRIC_GAUGE);
    add(&m->cells[m->first[index]], n);
}

void metrics_set(struct metrics *m, size_t index, int64_t n)
{
    assert(index < m->count && m->defs[index].type == METRIC_GAUGE);
    atomic_store_explicit(&m->cells[m->first[index]], n, memory_order_relaxed);
}

void metrics_observe(struct metrics *m, size_t index, uint64_t n)
{
    assert(index < m->count && m->defs[index].type == METRIC_HISTOGRAM);
    const struct metric_def *def = &m->defs[index];
    _Atomic int64_t *cells = &m->cells[m->first[index]];
    size_t bucket = 0;
    while (bucket < def->bounds_count && n > def->bounds[bucket]) {
        bucket++;
    }
    add(&cells[bucket], 1);
    add(&cells[def->bounds_count + 1], (int64_t)n);
}

int64_t metrics_value(const struct metrics *m, size_t index)
{
    assert(index < m->count);
    const struct metric_def *def = &m->defs[index];
    const _Atomic int64_t *cells = &m->cells[m->first[index]];
    if (def->type != METRIC_HISTOGRAM) {
        return load(cells);
    }
    int64_t observed = 0;
    for (size_t i = 0; i <= def->bounds_count; i++) {
        observed += load(&cells[i]);
    }
    return observed;
}

/* n / per_unit, exactly: 1250 of 1000 to the unit is 1.25. */
static void put_scaled(struct buf *out, int64_t n, uint64_t per_unit)
{
    const uint64_t scale = per_unit != 0 ? per_unit : 1;
    const uint64_t size = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    if (n < 0) {
        (void)buf_char(out, '-');
    }
    (void)buf_u64(out, size / scale);
    uint64_t left = size % scale;
    if (left > 0) {
        (void)buf_char(out, '.');
    }
    for (uint64_t place = scale; left > 0; left %= place) {
        place /= 10; /* ends at 1, which leaves nothing: the scale is a power of ten */
        (void)buf_char(out, (char)('0' + left / place));
    }
}

/* `name suffix{labels}` and a blank; without braces where there is no label. */
static void put_series(struct buf *out, const struct metric_def *def, const char *suffix)
{
    (void)buf_text(out, def->name);
    (void)buf_text(out, suffix);
    if (def->labels != NULL) {
        (void)buf_printf(out, "{%s}", def->labels);
    }
    (void)buf_char(out, ' ');
}

static void put_bucket_head(struct buf *out, const struct metric_def *def)
{
    (void)buf_printf(out, "%s_bucket{%s%sle=\"", def->name, def->labels != NULL ? def->labels : "",
                     def->labels != NULL ? "," : "");
}

static void put_histogram(struct buf *out, const struct metric_def *def,
                          const _Atomic int64_t *cells)
{
    int64_t observed = 0;
    for (size_t i = 0; i < def->bounds_count; i++) {
        observed += load(&cells[i]);
        put_bucket_head(out, def);
        put_scaled(out, (int64_t)def->bounds[i], def->per_unit);
        (void)buf_printf(out, "\"} %" PRId64 "\n", observed);
    }
    observed += load(&cells[def->bounds_count]);
    put_bucket_head(out, def);
    (void)buf_printf(out, "+Inf\"} %" PRId64 "\n", observed);
    put_series(out, def, "_sum");
    put_scaled(out, load(&cells[def->bounds_count + 1]), def->per_unit);
    (void)buf_char(out, '\n');
    put_series(out, def, "_count");
    (void)buf_printf(out, "%" PRId64 "\n", observed);
}

enum err metrics_render(const struct metrics *m, struct buf *out)
{
    static const char *const type_names[] = {
        [METRIC_COUNTER] = "counter", [METRIC_GAUGE] = "gauge", [METRIC_HISTOGRAM] = "histogram"};
    const char *family = "";
    for (size_t i = 0; i < m->count; i++) {
        const struct metric_def *def = &m->defs[i];
        const _Atomic int64_t *cells = &m->cells[m->first[i]];
        if (strcmp(def->name, family) != 0) {
            family = def->name;
            (void)buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", family, def->help, family,
                             type_names[def->type]);
        }
        if (def->type == METRIC_HISTOGRAM) {
            put_histogram(out, def, cells);
        } else {
            put_series(out, def, "");
            put_scaled(out, load(cells), def->per_unit);
            (void)buf_char(out, '\n');
        }
    }
    return buf_error(out);
}
