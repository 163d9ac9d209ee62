#include "gateway/survey.h"

#include <stdlib.h>
#include <string.h>

/* ---- keeping what a message said, in one block */

static size_t count_jobs(const struct wire_report *r)
{
    size_t jobs = 0;
    for (size_t i = 0; i < r->workers_count; i++) {
        jobs += r->workers[i].jobs_count;
    }
    return jobs;
}

static struct wire_report *keep(const struct wire_report *r)
{
    const size_t workers_size = r->workers_count * sizeof(struct wire_worker);
    const size_t jobs_size = count_jobs(r) * JOB_ID_SIZE;
    struct wire_report *copy = malloc(sizeof *copy + workers_size + jobs_size + r->broker_id.len);
    if (copy == NULL) {
        return NULL;
    }
    struct wire_worker *workers = (struct wire_worker *)(copy + 1);
    char(*jobs)[JOB_ID_SIZE] = (char(*)[JOB_ID_SIZE])(workers + r->workers_count);
    char *id = (char *)jobs + jobs_size;
    *copy = *r;
    memcpy(id, r->broker_id.ptr, r->broker_id.len); /* never empty */
    copy->broker_id.ptr = id;
    copy->workers = workers;
    for (size_t i = 0; i < r->workers_count; i++) {
        workers[i] = r->workers[i];
        workers[i].jobs = (const char(*)[JOB_ID_SIZE])jobs;
        for (size_t j = 0; j < workers[i].jobs_count; j++, jobs++) {
            memcpy(*jobs, r->workers[i].jobs[j], JOB_ID_SIZE);
        }
    }
    return copy;
}

static void forget(struct survey *s)
{
    for (size_t i = 0; i < BROKERS_MAX; i++) {
        free(s->reports[i]);
        s->reports[i] = NULL;
    }
}

/* ---- a round */

static void on_answer(struct broker_round *r, size_t broker, const struct wire_message *m)
{
    struct survey *s = LIST_ENTRY(r, struct survey, round);
    if (m->kind == WIRE_REPORT) {
        free(s->reports[broker]);
        s->reports[broker] = keep(m->report);
    }
}

static void on_done(struct broker_round *r)
{
    struct survey *s = LIST_ENTRY(r, struct survey, round);
    s->running = false;
    struct list now; /* who asks from here on wants a new round */
    list_init(&now);
    for (struct list *at; (at = list_pop(&s->waiters)) != NULL;) {
        list_append(&now, at);
    }
    for (struct list *at; (at = list_pop(&now)) != NULL;) {
        struct survey_wait *w = LIST_ENTRY(at, struct survey_wait, link);
        w->done(w, s);
    }
}

void survey_open(struct survey *s, struct broker_link *brokers)
{
    *s = (struct survey){.brokers = brokers, .round = {.answer = on_answer, .done = on_done}};
    list_init(&s->waiters);
}

void survey_close(struct survey *s)
{
    broker_round_cancel(&s->round);
    forget(s);
}

void survey_ask(struct survey *s, struct survey_wait *w)
{
    list_init(&w->link);
    list_append(&s->waiters, &w->link);
    if (!s->running) {
        s->running = true;
        forget(s);
        broker_round_start(s->brokers, &s->round, (struct wire_message){.kind = WIRE_SURVEY});
    }
}

void survey_cancel(struct survey_wait *w)
{
    if (w->link.next != NULL) {
        list_remove(&w->link);
    }
}

/* ---- sums */

static uint32_t plus(uint32_t a, uint32_t b)
{
    return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

static void add_counts(struct tally_counts *to, const struct tally_counts *more)
{
    for (size_t i = 0; i < TALLY_EVENTS; i++) {
        to->of[i] += more->of[i];
    }
}

/* A broker may be in another minute than the one that answered before it. */
static void add_minutes(struct survey_sums *to, const struct wire_report *r)
{
    for (size_t i = 0; i < TALLY_MINUTES; i++) {
        const int64_t ago = to->minute - (r->minute - (int64_t)i);
        if (ago >= 0 && ago < TALLY_MINUTES) {
            add_counts(&to->minutes[ago], &r->minutes[i]);
        }
    }
}

static void add_report(struct survey_sums *to, const struct wire_report *r)
{
    add_counts(&to->totals, &r->totals);
    add_minutes(to, r);
    for (size_t i = 0; i < JOB_ERROR_COUNT; i++) {
        to->codes[i].jobs = plus(to->codes[i].jobs, r->codes[i].jobs);
        to->codes[i].attempts = plus(to->codes[i].attempts, r->codes[i].attempts);
    }
    for (size_t i = 0; i < TALLY_STEPS; i++) {
        to->steps[i] = plus(to->steps[i], r->steps[i]);
    }
    for (size_t i = 0; i < r->workers_count; i++) {
        const struct wire_worker *w = &r->workers[i];
        to->workers += w->connected ? 1 : 0;
        to->slots += w->connected ? w->slots : 0;
        to->free += w->connected ? w->free : 0;
        to->running += w->connected ? w->running : 0;
    }
}

void survey_sum(const struct survey *s, struct survey_sums *out)
{
    *out = (struct survey_sums){0};
    for (size_t i = 0; i < BROKERS_MAX; i++) {
        if (s->reports[i] != NULL && s->reports[i]->minute > out->minute) {
            out->minute = s->reports[i]->minute;
        }
    }
    for (size_t i = 0; i < BROKERS_MAX; i++) {
        if (s->reports[i] != NULL) {
            add_report(out, s->reports[i]);
        }
    }
}

static bool connected_at(const struct wire_report *r, const char *id)
{
    for (size_t i = 0; r != NULL && i < r->workers_count; i++) {
        if (r->workers[i].connected && strcmp(r->workers[i].id, id) == 0) {
            return true;
        }
    }
    return false;
}

bool survey_shows(const struct survey *s, const struct wire_worker *w)
{
    for (size_t i = 0; !w->connected && i < BROKERS_MAX; i++) {
        if (connected_at(s->reports[i], w->id)) {
            return false;
        }
    }
    return true;
}
