#include "workers/worker.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/signals.h"

#include <poll.h>
#include <signal.h>

enum { FIXED_FDS = 4, IDLE_MS = 1000 };

/* ---- draining */

static void release_all(struct worker *w)
{
    struct list *next;
    w->drain = DRAIN_RELEASED;
    w->drain_until_ms = w->now_ms + WORKER_ACKS_MS;
    for (struct list *l = w->runs.moving.next; l != &w->runs.moving; l = next) {
        next = l->next;
        run_stop(LIST_ENTRY(l, struct run, link), OUTCOME_RELEASED);
    }
}

static void on_signal(struct worker *w, int signal_number)
{
    if (signal_number != SIGTERM && signal_number != SIGINT) {
        return;
    }
    if (w->drain == DRAIN_NONE) {
        log_info("worker.draining", "running=%zu", w->runs.moving_count + w->runs.storing_count);
        w->drain = DRAIN_FINISHING;
        w->drain_until_ms = w->now_ms + w->config->drain_ms;
        link_beat(w->link);
    } else if (w->drain == DRAIN_FINISHING) {
        release_all(w);
    }
}

static void turn_signals(struct worker *w)
{
    for (int n = signals_next(w->signal_fd); n != 0; n = signals_next(w->signal_fd)) {
        on_signal(w, n);
    }
    /* Nothing moves any more: only Acks are waited for, and not longer than they may take. */
    const bool idle = w->runs.moving_count == 0 && w->runs.storing_count == 0;
    if (w->drain == DRAIN_FINISHING && (idle || w->now_ms >= w->drain_until_ms)) {
        release_all(w);
    }
}

static bool is_over(const struct worker *w)
{
    const struct runs *t = &w->runs;
    if (w->drain == DRAIN_NONE) {
        return false;
    }
    return (t->moving_count == 0 && t->storing_count == 0 && t->reports_count == 0) ||
           (w->drain == DRAIN_RELEASED && w->now_ms >= w->drain_until_ms);
}

/* ---- one turn */

/* Returns when the next run wants a turn; -1: none does. */
static int64_t turn_runs(struct worker *w)
{
    int64_t due_ms = -1;
    struct list *next;
    for (struct list *l = w->runs.moving.next; l != &w->runs.moving; l = next) {
        struct run *r = LIST_ENTRY(l, struct run, link);
        next = l->next;
        if (r->ended || w->now_ms >= r->due_ms) {
            run_turn(r, w->now_ms);
        }
        if (r->phase == RUN_MOVING && (due_ms < 0 || r->due_ms < due_ms)) {
            due_ms = r->due_ms;
        }
    }
    return due_ms;
}

static void turn_reports(struct worker *w)
{
    struct list *reports = &w->runs.reports;
    while (!list_empty(reports)) {
        struct run *r = LIST_ENTRY(reports->next, struct run, reports_link);
        if (r->repeat_ms > w->now_ms) {
            break;
        }
        run_repeat(r);
    }
}

static int64_t earlier(int64_t wait_ms, int64_t other_ms)
{
    return other_ms >= 0 && other_ms < wait_ms ? other_ms : wait_ms;
}

static int64_t until(int64_t at_ms, int64_t now_ms)
{
    return at_ms > now_ms ? at_ms - now_ms : 0;
}

static int64_t wait_ms(struct worker *w, int64_t runs_due_ms)
{
    int64_t wait = earlier(IDLE_MS, link_wait_ms(w->link, w->now_ms));
    wait = earlier(wait, http_sources_wait_ms(w->http, w->now_ms));
    if (runs_due_ms >= 0) {
        wait = earlier(wait, until(runs_due_ms, w->now_ms));
    }
    if (!list_empty(&w->runs.reports)) {
        const struct run *r = LIST_ENTRY(w->runs.reports.next, struct run, reports_link);
        wait = earlier(wait, until(r->repeat_ms, w->now_ms));
    }
    if (w->drain != DRAIN_NONE) {
        wait = earlier(wait, until(w->drain_until_ms, w->now_ms));
    }
    /* Last: only what arrives after this look makes the descriptor readable. */
    return link_readable(w->link) ? 0 : wait;
}

static int64_t turn(struct worker *w)
{
    w->now_ms = clock_mono_ms();
    link_receive(w->link, w->now_ms);
    turn_signals(w);
    pool_turn(w->pool);
    pool_turn(w->pack_pool);
    http_sources_turn(w->http, w->now_ms);
    const int64_t due_ms = turn_runs(w);
    turn_reports(w);
    link_turn(w->link, w->now_ms);
    link_flush(w->link);
    return wait_ms(w, due_ms);
}

static size_t poll_fds(const struct worker *w, struct pollfd *out)
{
    int brokers[LINK_BROKERS_MAX];
    const size_t count = link_fds(w->link, brokers, LINK_BROKERS_MAX);
    const int fixed[FIXED_FDS] = {w->signal_fd, pool_fd(w->pool), pool_fd(w->pack_pool),
                                  http_sources_fd(w->http)};
    for (size_t i = 0; i < FIXED_FDS + count; i++) {
        out[i] = (struct pollfd){.fd = i < FIXED_FDS ? fixed[i] : brokers[i - FIXED_FDS],
                                 .events = POLLIN};
    }
    return FIXED_FDS + count;
}

void worker_loop(struct worker *w)
{
    struct pollfd fds[FIXED_FDS + LINK_BROKERS_MAX];
    const size_t count = poll_fds(w, fds);
    for (;;) {
        const int64_t wait = turn(w);
        if (is_over(w)) {
            break;
        }
        (void)poll(fds, count, (int)wait);
    }
    log_info("worker.stopped", "unacknowledged=%zu", w->runs.reports_count);
}
