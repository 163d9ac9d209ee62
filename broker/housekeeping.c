#include "broker/housekeeping.h"

#include "base/clock.h"
#include "base/log.h"
#include "broker/claims.h"
#include "broker/events.h"
#include "broker/finishes.h"
#include "broker/renewals.h"
#include "broker/report.h"
#include "broker/workers.h"

#include <stdlib.h>

enum duty {
    DUTY_TICK,
    DUTY_WORKERS,
    DUTY_ALIVE,
    DUTY_CLAIM,
    DUTY_RETRY,
    DUTY_EXPIRE,
    DUTY_AUDIT,
    DUTY_SWEEP,
    DUTY_COUNT
};

struct housekeeping {
    int64_t next_ms[DUTY_COUNT];
    int64_t due_ms; /* a delayed job; INT64_MAX: none known */
    bool ticking, expiring, auditing, discarding;
    unsigned idle_expires; /* skipped for want of a worker */
    size_t discarded_count;
    char discarded[DISCARDED_MAX][JOB_ARTIFACT_KEY_MAX];
    struct span keys[DISCARDED_MAX]; /* into discarded */
};

enum err housekeeping_new(struct broker *b, struct housekeeping **out)
{
    (void)b;
    struct housekeeping *h = calloc(1, sizeof *h);
    if (h == NULL) {
        return ERR_NOMEM;
    }
    h->due_ms = INT64_MAX;
    *out = h;
    return ERR_OK;
}

void housekeeping_destroy(struct housekeeping **h)
{
    free(*h);
    *h = NULL;
}

void housekeeping_due(struct broker *b, int64_t at_ms)
{
    if (at_ms < b->housekeeping->due_ms) {
        b->housekeeping->due_ms = at_ms;
    }
}

/* ---- tick */

static void changed(struct broker *b, const struct record_change *change)
{
    events_transition(b->events, change->job_id, change->status, change->version, clock_wall_ms());
    report_reaped(b, change->job_id, change->status);
    struct running *r = attempts_get(b->attempts, change->job_id);
    if (r != NULL) {
        renewals_add(b, r); /* its lease was reaped: let the worker know that it is stale */
    }
}

static void on_tick(void *context, enum err err, const struct records_tick_result *result)
{
    struct broker *b = context;
    struct housekeeping *h = b->housekeeping;
    h->ticking = false;
    if (err != ERR_OK) {
        return;
    }
    for (size_t i = 0; i < result->changes_count; i++) {
        changed(b, &result->changes[i]);
    }
    claims_expect_in_all(b, result->ready);
    if (result->next_due_ms >= 0) {
        housekeeping_due(b, b->now_ms + result->next_due_ms);
    }
    if (result->more) {
        h->next_ms[DUTY_TICK] = b->now_ms;
    }
}

static void tick(struct broker *b)
{
    struct housekeeping *h = b->housekeeping;
    if (b->prepared && !h->ticking && !b->draining) {
        h->due_ms = INT64_MAX;
        h->ticking = records_tick(b->records, on_tick, b) == ERR_OK;
    }
}

/* ---- retention */

static void on_expired(void *context, enum err err, const struct records_expired *result)
{
    struct broker *b = context;
    struct housekeeping *h = b->housekeeping;
    h->expiring = false;
    for (size_t i = 0; err == ERR_OK && i < result->keys_count; i++) {
        if (!workers_discard(b, result->keys[i])) {
            return; /* nobody is there: they are named again in a minute */
        }
    }
    if (err == ERR_OK && result->more && workers_any(b)) {
        h->next_ms[DUTY_EXPIRE] = b->now_ms + EXPIRE_MORE_MS;
    }
}

/* A key that is named to a broker without workers is not named to another for a minute, so such a
 * broker leaves the walk to those that have some; but not for ever, for records expire as well. */
static void expire(struct broker *b)
{
    struct housekeeping *h = b->housekeeping;
    if (!workers_any(b) && ++h->idle_expires % EXPIRE_IDLE_TURNS != 0) {
        return;
    }
    if (b->prepared && !h->expiring && !b->draining) {
        h->expiring = records_expire(b->records, on_expired, b) == ERR_OK;
    }
}

void housekeeping_discarded(struct broker *b, struct peer *peer, const struct wire_message *m)
{
    struct housekeeping *h = b->housekeeping;
    const struct span key = m->key.key;
    if (peer->worker == NULL || key.len > JOB_ARTIFACT_KEY_MAX ||
        h->discarded_count == DISCARDED_MAX) {
        return; /* named again in a minute */
    }
    char *at = h->discarded[h->discarded_count];
    for (size_t i = 0; i < key.len; i++) {
        at[i] = key.ptr[i];
    }
    h->keys[h->discarded_count++] = (struct span){at, key.len};
}

static void on_discarded(void *context, enum err err)
{
    struct broker *b = context;
    b->housekeeping->discarding = false;
    if (err != ERR_OK) {
        log_debug("discarded.lost", "%s", err_name(err)); /* named again in a minute */
    }
}

void housekeeping_flush(struct broker *b)
{
    struct housekeeping *h = b->housekeeping;
    if (b->prepared && h->discarded_count > 0 && !h->discarding) {
        h->discarding =
            records_discarded(b->records, h->keys, h->discarded_count, on_discarded, b) == ERR_OK;
        h->discarded_count = 0;
    }
}

/* ---- audit */

static void on_audit(void *context, enum err err, const struct records_audit_result *result)
{
    struct broker *b = context;
    b->housekeeping->auditing = false;
    if (err != ERR_OK) {
        log_warn("audit.failed", "%s", err_name(err));
    } else if (result->repaired > 0) {
        log_warn("audit.repaired", "seen=%llu repaired=%llu", (unsigned long long)result->seen,
                 (unsigned long long)result->repaired);
    }
}

static void audit(struct broker *b)
{
    struct housekeeping *h = b->housekeeping;
    if (b->prepared && !h->auditing && !b->draining) {
        h->auditing = records_audit(b->records, on_audit, b) == ERR_OK;
    }
}

static void sweep(struct broker *b)
{
    peers_sweep(b->peers, b->now_ms);
}

/* ---- the table */

static const struct {
    int64_t every_ms;
    void (*run)(struct broker *b);
} DUTIES[DUTY_COUNT] = {
    [DUTY_TICK] = {TICK_EVERY_MS, tick},
    [DUTY_WORKERS] = {250, workers_check},
    [DUTY_ALIVE] = {ALIVE_EVERY_MS, workers_alive},
    [DUTY_CLAIM] = {CLAIM_EVERY_MS, claims_hint},
    [DUTY_RETRY] = {1000, finishes_retry},
    [DUTY_EXPIRE] = {EXPIRE_EVERY_MS, expire},
    [DUTY_AUDIT] = {AUDIT_EVERY_MS, audit},
    [DUTY_SWEEP] = {SWEEP_EVERY_MS, sweep},
};

void housekeeping_run(struct broker *b)
{
    struct housekeeping *h = b->housekeeping;
    if (b->now_ms >= h->due_ms) {
        h->next_ms[DUTY_TICK] = b->now_ms;
    }
    for (size_t i = 0; i < DUTY_COUNT; i++) {
        if (b->now_ms >= h->next_ms[i]) {
            h->next_ms[i] = b->now_ms + DUTIES[i].every_ms;
            DUTIES[i].run(b);
        }
    }
}
