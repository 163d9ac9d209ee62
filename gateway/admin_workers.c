/* GET /admin/api/workers and POST /admin/api/workers/:id/drain. */
#include "core/admin_request.h"
#include "core/worker_id.h"
#include "gateway/admin_handlers.h"
#include "gateway/admin_survey.h"
#include "gateway/loop.h"
#include "gateway/reply.h"

#include <inttypes.h>

enum {
    WORKERS_SHOWN_MAX = 2000, /* more than that are no table for people */
    WORKERS_JSON_MAX = 8 << 20,
};

/* ---- the list */

static const char *state_of(const struct wire_worker *w)
{
    if (!w->connected) {
        return "away";
    }
    if (w->stopping) {
        return "stopping";
    }
    return w->drained ? "drained" : "working";
}

static void put_worker(struct buf *out, const struct wire_report *r, const struct wire_worker *w)
{
    (void)buf_text(out, "{\"id\":");
    (void)buf_json_string(out, span_of(w->id));
    (void)buf_text(out, ",\"version\":");
    if (w->version[0] != '\0') {
        (void)buf_json_string(out, span_of(w->version));
    } else {
        (void)buf_text(out, "null");
    }
    (void)buf_text(out, ",\"broker\":");
    (void)buf_json_string(out, r->broker_id);
    (void)buf_printf(out,
                     ",\"state\":\"%s\",\"draining\":%s,\"slots\":%" PRIu32 ",\"free\":%" PRIu32
                     ",\"running\":%" PRIu32 ",\"lastSeenMs\":%" PRIu32 ",\"jobIds\":[",
                     state_of(w), w->drained ? "true" : "false", w->slots, w->free, w->running,
                     w->seen_ms);
    for (size_t i = 0; i < w->jobs_count; i++) {
        (void)buf_printf(out, "%s\"%s\"", i > 0 ? "," : "", w->jobs[i]);
    }
    (void)buf_text(out, "]}");
}

static void render(const struct survey *s, struct buf *out)
{
    size_t shown = 0, left_out = 0;
    (void)buf_text(out, "{\"workers\":[");
    for (size_t i = 0; i < BROKERS_MAX; i++) {
        const struct wire_report *r = s->reports[i];
        for (size_t j = 0; r != NULL && j < r->workers_count; j++) {
            if (!survey_shows(s, &r->workers[j])) {
                continue;
            }
            if (shown == WORKERS_SHOWN_MAX) {
                left_out++;
                continue;
            }
            (void)buf_text(out, shown++ > 0 ? "," : "");
            put_worker(out, r, &r->workers[j]);
        }
    }
    (void)buf_printf(out, "],\"leftOut\":%zu}", left_out);
}

static void on_surveyed(struct exchange *x, const struct survey *s)
{
    struct buf body;
    buf_init(&body, WORKERS_JSON_MAX);
    render(s, &body);
    if (buf_error(&body) != ERR_OK) {
        reply_problem(x, PROBLEM_INTERNAL, (struct span){0});
    } else {
        reply_begin(x, 200);
        reply_header(x, H2O_TOKEN_CACHE_CONTROL, SPAN("no-store"));
        reply_body(x, REPLY_JSON, buf_as_span(&body));
    }
    buf_clear(&body);
}

void admin_workers(struct exchange *x)
{
    admin_survey(x, on_surveyed);
}

/* ---- drain */

struct drain {
    struct broker_round round;
    struct exchange *exchange;
    bool on, answered, known;
};

static void on_answer(struct broker_round *r, size_t broker, const struct wire_message *m)
{
    struct drain *d = LIST_ENTRY(r, struct drain, round);
    (void)broker;
    d->answered = true;
    d->known = d->known || (m->kind == WIRE_DRAIN_REPLY && m->drain_reply.known);
}

static void on_done(struct broker_round *r)
{
    struct drain *d = LIST_ENTRY(r, struct drain, round);
    struct exchange *x = d->exchange;
    if (!d->known) {
        reply_problem(x, d->answered ? PROBLEM_NOT_FOUND : PROBLEM_UNAVAILABLE,
                      d->answered ? SPAN("No broker is connected to a worker of this id")
                                  : SPAN("No broker answers"));
        return;
    }
    struct buf *out = &x->loop->scratch;
    buf_reset(out);
    (void)buf_text(out, "{\"id\":");
    (void)buf_json_string(out, x->param);
    (void)buf_printf(out, ",\"draining\":%s}", d->on ? "true" : "false");
    reply_begin(x, 202);
    reply_header(x, H2O_TOKEN_CACHE_CONTROL, SPAN("no-store"));
    reply_scratch(x, REPLY_JSON);
}

static void on_drain_end(struct exchange *x)
{
    struct drain *d = x->state;
    broker_round_cancel(&d->round);
}

void admin_drain(struct exchange *x)
{
    struct admin_refusal refusal = {0};
    struct drain *d = exchange_alloc(x, sizeof *d);
    const enum err e = admin_drain_read(span_of_iovec(x->req->entity), &d->on, &refusal);
    if (e == ERR_INVALID) {
        reply_problem_at(x, refusal.code, span_of(refusal.detail), span_of(refusal.pointer));
    } else if (e != ERR_OK) {
        reply_err(x, e);
    } else if (!worker_id_valid(x->param)) {
        reply_problem(x, PROBLEM_NOT_FOUND, SPAN("This is no worker's id"));
    } else {
        d->exchange = x;
        d->round.answer = on_answer;
        d->round.done = on_done;
        x->state = d;
        x->on_end = on_drain_end;
        broker_round_start(
            &x->loop->brokers, &d->round,
            (struct wire_message){.kind = WIRE_DRAIN_WORKER, .drain_worker = {x->param, d->on}});
    }
}
