// links: base pthread
#include "base/metrics.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

enum { M_OK, M_FULL, M_RUNNING, M_SECONDS, M_COUNT };

static const uint64_t bounds_ms[] = {5, 100, 2500};
static const struct metric_def defs[M_COUNT] = {
    [M_OK] = {.name = "t_submits_total",
              .help = "Submits.",
              .labels = "code=\"ok\"",
              .type = METRIC_COUNTER},
    [M_FULL] = {.name = "t_submits_total",
                .help = "Submits.",
                .labels = "code=\"full\"",
                .type = METRIC_COUNTER},
    [M_RUNNING] = {.name = "t_running", .help = "Running jobs.", .type = METRIC_GAUGE},
    [M_SECONDS] = {.name = "t_seconds",
                   .help = "Time.",
                   .type = METRIC_HISTOGRAM,
                   .per_unit = 1000,
                   .bounds = bounds_ms,
                   .bounds_count = 3},
};

static struct metrics *metrics;
static struct buf text;

static void start(void)
{
    cr_assert_eq(metrics_new(defs, M_COUNT, &metrics), ERR_OK);
    buf_init(&text, 1 << 16);
}

static void stop(void)
{
    metrics_destroy(&metrics);
    metrics_destroy(&metrics);
    buf_clear(&text);
}

TestSuite(metrics, .init = start, .fini = stop);

Test(metrics, test_render_when_it_does_not_fit_then_too_large)
{
    buf_init(&text, 100);
    cr_expect_eq(metrics_render(metrics, &text), ERR_TOO_LARGE);
}

Test(metrics, test_render_when_fresh_then_all_series_are_there_with_zero)
{
    cr_expect_eq(metrics_render(metrics, &text), ERR_OK);
    cr_expect(span_eq(buf_as_span(&text), SPAN("# HELP t_submits_total Submits.\n"
                                               "# TYPE t_submits_total counter\n"
                                               "t_submits_total{code=\"ok\"} 0\n"
                                               "t_submits_total{code=\"full\"} 0\n"
                                               "# HELP t_running Running jobs.\n"
                                               "# TYPE t_running gauge\n"
                                               "t_running 0\n"
                                               "# HELP t_seconds Time.\n"
                                               "# TYPE t_seconds histogram\n"
                                               "t_seconds_bucket{le=\"0.005\"} 0\n"
                                               "t_seconds_bucket{le=\"0.1\"} 0\n"
                                               "t_seconds_bucket{le=\"2.5\"} 0\n"
                                               "t_seconds_bucket{le=\"+Inf\"} 0\n"
                                               "t_seconds_sum 0\n"
                                               "t_seconds_count 0\n")),
              "%.*s", SPAN_ARG(buf_as_span(&text)));
}

static void expect_line(const char *line)
{
    buf_reset(&text);
    cr_assert_eq(metrics_render(metrics, &text), ERR_OK);
    cr_assert_eq(buf_char(&text, '\0'), ERR_OK);
    cr_expect_not_null(strstr(text.data, line), "%s is not in\n%s", line, text.data);
}

Test(metrics, test_observe_when_on_a_bound_then_in_that_bucket)
{
    static const uint64_t observed_ms[] = {0, 5, 6, 100, 2500, 2501, 1000000};
    for (size_t i = 0; i < sizeof observed_ms / sizeof observed_ms[0]; i++) {
        metrics_observe(metrics, M_SECONDS, observed_ms[i]);
    }
    expect_line("\nt_seconds_bucket{le=\"0.005\"} 2\n"
                "t_seconds_bucket{le=\"0.1\"} 4\n"
                "t_seconds_bucket{le=\"2.5\"} 5\n"
                "t_seconds_bucket{le=\"+Inf\"} 7\n"
                "t_seconds_sum 1005.112\n"
                "t_seconds_count 7\n");
    cr_expect_eq(metrics_value(metrics, M_SECONDS), 7);
}

Test(metrics, test_set_when_negative_then_shown_with_its_sign)
{
    metrics_set(metrics, M_RUNNING, 3);
    metrics_add(metrics, M_RUNNING, -5);
    cr_expect_eq(metrics_value(metrics, M_RUNNING), -2);
    expect_line("\nt_running -2\n");
}

Test(metrics, test_add_when_labels_differ_then_each_row_counts_for_itself)
{
    metrics_add(metrics, M_OK, 41);
    metrics_add(metrics, M_OK, 1);
    metrics_add(metrics, M_FULL, 7);
    expect_line("t_submits_total{code=\"ok\"} 42\nt_submits_total{code=\"full\"} 7\n");
}

static void *count_up(void *arg)
{
    (void)arg;
    for (int i = 0; i < 20000; i++) {
        metrics_add(metrics, M_OK, 1);
        metrics_observe(metrics, M_SECONDS, 1);
    }
    return NULL;
}

Test(metrics, test_add_when_threads_count_together_then_nothing_is_lost)
{
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, count_up, NULL), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(pthread_join(threads[i], NULL), 0);
    }
    cr_expect_eq(metrics_value(metrics, M_OK), 80000);
    cr_expect_eq(metrics_value(metrics, M_SECONDS), 80000);
}
