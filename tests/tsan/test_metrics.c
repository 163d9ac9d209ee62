// links: base pthread
/* Threads count while another one renders: no data race, and no count is lost. */
#include "base/metrics.h"

#include <assert.h>
#include <pthread.h>
#include <stddef.h>

enum { THREADS = 4, ROUNDS = 20000 };

static const uint64_t bounds[] = {1, 10};
static const struct metric_def defs[] = {
    {.name = "a_total", .help = "a", .type = METRIC_COUNTER},
    {.name = "b", .help = "b", .type = METRIC_HISTOGRAM, .bounds = bounds, .bounds_count = 2},
};
static struct metrics *metrics;

static void *count_up(void *arg)
{
    (void)arg;
    for (uint64_t i = 0; i < ROUNDS; i++) {
        metrics_add(metrics, 0, 1);
        metrics_observe(metrics, 1, i % 20);
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    enum err e = metrics_new(defs, 2, &metrics);
    assert(e == ERR_OK);
    for (size_t i = 0; i < THREADS; i++) {
        const int failed = pthread_create(&threads[i], NULL, count_up, NULL);
        assert(failed == 0);
    }
    struct buf text;
    buf_init(&text, 1 << 16);
    for (int i = 0; i < 100; i++) {
        buf_reset(&text);
        e = metrics_render(metrics, &text);
        assert(e == ERR_OK);
    }
    for (size_t i = 0; i < THREADS; i++) {
        const int failed = pthread_join(threads[i], NULL);
        assert(failed == 0);
    }
    assert(metrics_value(metrics, 0) == (int64_t)THREADS * ROUNDS);
    assert(metrics_value(metrics, 1) == (int64_t)THREADS * ROUNDS);
    buf_clear(&text);
    metrics_destroy(&metrics);
    return 0;
}
