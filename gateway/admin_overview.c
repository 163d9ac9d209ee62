/* GET /admin/api/overview: the numbers of the operator's page: a survey of the brokers, then the
 * counts of Redis. */
#include "base/clock.h"
#include "gateway/admin_handlers.h"
#include "gateway/admin_survey.h"
#include "gateway/counters.h"
#include "gateway/loop.h"
#include "gateway/reply.h"
#include "gateway/server.h"
#include "ports/queue_stats.h"

#include <inttypes.h>

enum {
    RECENT_MINUTES = 5, /* over which rates are taken; the brokers' durations are of as many */
    PER_MILLE_P95 = 950,
    SHARD = 0,
};

struct overview {
    int64_t asked_us;
    struct survey_sums sums;
};

static void put_bool(struct buf *out, const char *name, bool value)
{
    (void)buf_printf(out, "\"%s\":%s", name, value ? "true" : "false");
}

/* -1 is null. */
static void put_known(struct buf *out, const char *name, int64_t value)
{
    if (value < 0) {
        (void)buf_printf(out, "\"%s\":null", name);
    } else {
        (void)buf_printf(out, "\"%s\":%" PRId64, name, value);
    }
}

static void put_counts(struct buf *out, const struct tally_counts *c)
{
    (void)buf_printf(out,
                     "\"accepted\":%" PRIu64 ",\"completed\":%" PRIu64 ",\"failed\":%" PRIu64
                     ",\"canceled\":%" PRIu64 ",\"retried\":%" PRIu64,
                     c->of[TALLY_ACCEPTED], c->of[TALLY_COMPLETED], c->of[TALLY_FAILED],
                     c->of[TALLY_CANCELED], c->of[TALLY_RETRIED]);
}

static void put_queue(struct buf *out, const struct queue_stats *q)
{
    if (q == NULL) {
        (void)buf_text(out, "\"queue\":null");
        return;
    }
    (void)buf_text(out, "\"queue\":{");
    put_known(out, "oldestWaitingMs", q->oldest_waiting_ms);
    (void)buf_printf(out,
                     ",\"ready\":%" PRId64 ",\"delayed\":%" PRId64 ",\"parked\":%" PRId64
                     ",\"running\":%" PRId64 ",\"kept\":%" PRId64 ",\"garbage\":%" PRId64 "}",
                     q->ready, q->delayed, q->parked, q->running, q->kept, q->garbage);
}

static void put_recent(struct buf *out, const struct survey_sums *s)
{
    struct tally_counts recent = {{0}};
    for (size_t i = 0; i < RECENT_MINUTES; i++) {
        for (size_t e = 0; e < TALLY_EVENTS; e++) {
            recent.of[e] += s->minutes[i].of[e];
        }
    }
    const uint64_t ended = recent.of[TALLY_COMPLETED] + recent.of[TALLY_FAILED];
    (void)buf_printf(out, ",\"recent\":{\"minutes\":%d,", RECENT_MINUTES);
    put_counts(out, &recent);
    if (ended > 0) {
        (void)buf_printf(out, ",\"failureRate\":%.4f,",
                         (double)recent.of[TALLY_FAILED] / (double)ended);
    } else {
        (void)buf_text(out, ",\"failureRate\":null,");
    }
    put_known(out, "p95Ms", tally_quantile(s->steps, PER_MILLE_P95));
    (void)buf_char(out, '}');
}

static void put_jobs(struct buf *out, const struct survey_sums *s)
{
    (void)buf_text(out, "\"jobs\":{\"total\":{");
    put_counts(out, &s->totals);
    (void)buf_char(out, '}');
    put_recent(out, s);
    (void)buf_text(out, ",\"minutes\":[");
    for (size_t ago = TALLY_MINUTES; ago-- > 0;) {
        (void)buf_printf(out, "{\"at\":%" PRId64 ",", (s->minute - (int64_t)ago) * 60);
        put_counts(out, &s->minutes[ago]);
        (void)buf_text(out, ago > 0 ? "}," : "}");
    }
    (void)buf_text(out, "]}");
}

static void put_failures(struct buf *out, const struct survey_sums *s)
{
    bool first = true;
    (void)buf_text(out, "\"failures\":[");
    for (enum job_error e = 0; e < JOB_ERROR_COUNT; e++) {
        const struct tally_code *c = &s->codes[e];
        if (c->jobs == 0 && c->attempts == 0) {
            continue;
        }
        const struct span code = e == JOB_ERROR_NONE ? SPAN("OTHER") : job_error_code(e);
        (void)buf_printf(out, "%s{\"code\":\"%.*s\",\"jobs\":%" PRIu32 ",\"attempts\":%" PRIu32 "}",
                         first ? "" : ",", SPAN_ARG(code), c->jobs, c->attempts);
        first = false;
    }
    (void)buf_char(out, ']');
}

static void put_broker(struct buf *out, const char *endpoint, const struct wire_report *r)
{
    (void)buf_text(out, "{\"endpoint\":");
    (void)buf_json_string(out, span_of(endpoint));
    (void)buf_char(out, ',');
    put_bool(out, "up", r != NULL);
    if (r != NULL) {
        (void)buf_text(out, ",\"id\":");
        (void)buf_json_string(out, r->broker_id);
        (void)buf_char(out, ',');
        put_bool(out, "ready", r->ready);
        (void)buf_char(out, ',');
        put_bool(out, "draining", r->draining);
        (void)buf_printf(out, ",\"uptimeMs\":%" PRIu64 ",\"credit\":%" PRIu32 ",\"workers\":%zu",
                         r->uptime_ms, r->credit, r->workers_count);
    }
    (void)buf_char(out, '}');
}

static void put_dependencies(struct buf *out, const struct gateway_loop *loop, int64_t redis_us)
{
    (void)buf_text(out, "\"redis\":{");
    put_bool(out, "up", redis_us >= 0);
    if (redis_us >= 0) {
        (void)buf_printf(out, ",\"latencyMs\":%.1f", (double)redis_us / 1000);
    }
    (void)buf_text(out, "},\"brokers\":[");
    for (size_t i = 0; i < loop->config->brokers.count; i++) {
        (void)buf_text(out, i > 0 ? "," : "");
        put_broker(out, loop->config->brokers.items[i], loop->survey.reports[i]);
    }
    (void)buf_char(out, ']');
}

static void put_gateway(struct buf *out, const struct gateway_loop *loop)
{
    const struct metrics *m = loop->counters;
    (void)buf_printf(out,
                     "\"gateway\":{\"streams\":%" PRId64 ",\"connections\":%" PRId64
                     ",\"waiting\":%" PRId64 ",",
                     metrics_value(m, COUNT_STREAMS), metrics_value(m, COUNT_CONNECTIONS),
                     metrics_value(m, COUNT_IN_FLIGHT));
    put_bool(out, "draining", atomic_load(&loop->server->draining));
    (void)buf_char(out, '}');
}

/* `q` is NULL while Redis is away. */
static void reply_overview(struct exchange *x, const struct survey_sums *s,
                           const struct queue_stats *q, int64_t redis_us)
{
    struct buf *out = &x->loop->scratch;
    buf_reset(out);
    (void)buf_printf(out, "{\"nowMs\":%" PRId64 ",", clock_wall_ms());
    put_bool(out, "changes", x->loop->config->admin_changes);
    (void)buf_char(out, ',');
    put_queue(out, q);
    (void)buf_printf(out,
                     ",\"slots\":{\"total\":%" PRIu64 ",\"free\":%" PRIu64 ",\"running\":%" PRIu64
                     ",\"workers\":%" PRIu64 "},",
                     s->slots, s->free, s->running, s->workers);
    put_jobs(out, s);
    (void)buf_char(out, ',');
    put_failures(out, s);
    (void)buf_char(out, ',');
    put_gateway(out, x->loop);
    (void)buf_char(out, ',');
    put_dependencies(out, x->loop, redis_us);
    (void)buf_char(out, '}');
    reply_begin(x, 200);
    reply_header(x, H2O_TOKEN_CACHE_CONTROL, SPAN("no-store"));
    reply_scratch(x, REPLY_JSON);
}

static void on_stats(void *context, enum err err, const struct queue_stats *stats)
{
    struct exchange *x = late_take(context);
    if (x == NULL) {
        return;
    }
    const struct overview *o = x->state;
    const bool known = err == ERR_OK;
    reply_overview(x, &o->sums, known ? stats : NULL, known ? clock_mono_us() - o->asked_us : -1);
}

static void on_surveyed(struct exchange *x, const struct survey *s)
{
    struct overview *o = exchange_alloc(x, sizeof *o);
    struct gateway_loop *loop = x->loop;
    survey_sum(s, &o->sums);
    o->asked_us = clock_mono_us();
    x->state = o;
    struct late *late = redis_conn_up(loop->redis) ? late_new(x) : NULL;
    if (late == NULL || queue_stats_get(loop->redis, SHARD, on_stats, late) != ERR_OK) {
        if (late != NULL) {
            (void)late_take(late);
        }
        reply_overview(x, &o->sums, NULL, -1);
    }
}

void admin_overview(struct exchange *x)
{
    admin_survey(x, on_surveyed);
}
