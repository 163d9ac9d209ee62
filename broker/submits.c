#include "broker/submits.h"

#include "base/clock.h"
#include "broker/claims.h"
#include "broker/events.h"
#include "broker/housekeeping.h"
#include "broker/pool.h"
#include "broker/report.h"
#include "broker/workers.h"

#include <stdlib.h>
#include <string.h>

enum { INLINE_BYTES = 512 }; /* a usual job's text; a long archive list gets memory of its own */

struct pending {
    struct list link;
    struct peer_ref from;
    uint64_t request_id;
    int64_t until_ms;          /* the asker has given up then; 0: never */
    struct record_submit item; /* its spans point into text */
    char *text;                /* `small`, or owned */
    char small[INLINE_BYTES];
};

struct batch {
    struct broker *broker;
    bool busy;
    size_t count, seats_count;
    struct pending *items[RECORDS_BATCH_MAX];
    uint16_t seats[RECORDS_BATCH_MAX];
};

struct submits {
    struct pool pool;
    struct list queue;
    struct batch batch;
    struct record_submit scratch[RECORDS_BATCH_MAX];
    struct span names[RECORDS_BATCH_MAX];
};

enum err submits_new(struct broker *b, struct submits **out)
{
    struct submits *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return ERR_NOMEM;
    }
    pool_init(&s->pool, sizeof(struct pending), SUBMITS_MAX);
    list_init(&s->queue);
    s->batch.broker = b;
    *out = s;
    return ERR_OK;
}

static void pending_destroy(struct submits *s, struct pending *p)
{
    if (p->text != p->small) {
        free(p->text);
    }
    pool_give(&s->pool, p);
}

void submits_destroy(struct submits **s)
{
    if (*s == NULL) {
        return;
    }
    struct list *link;
    while ((link = list_pop(&(*s)->queue)) != NULL) {
        pending_destroy(*s, LIST_ENTRY(link, struct pending, link));
    }
    pool_clear(&(*s)->pool);
    free(*s);
    *s = NULL;
}

size_t submits_pending(const struct submits *s)
{
    return s->pool.used;
}

static void reply(struct broker *b, struct peer *peer, uint64_t request_id, enum submit_code code,
                  struct span job_id)
{
    if (peer != NULL && request_id != 0) {
        peers_say(b->peers, peer,
                  &(struct wire_message){.request_id = request_id,
                                         .kind = WIRE_SUBMIT_REPLY,
                                         .submit_reply = {.code = code, .job_id = job_id}});
    }
}

static struct span keep(char **at, struct span s)
{
    const struct span kept = {*at, s.len};
    if (s.len > 0) {
        memcpy(*at, s.ptr, s.len);
    }
    *at += s.len;
    return kept;
}

static enum err copy(struct pending *p, const struct wire_submit *m)
{
    const size_t bytes = m->job_id.len + m->user_id.len + m->spec.len + m->idempotency_owner.len +
                         m->idempotency_hash.len + m->fingerprint.len;
    p->text = bytes <= sizeof p->small ? p->small : malloc(bytes);
    if (p->text == NULL) {
        return ERR_NOMEM;
    }
    char *at = p->text;
    p->item = (struct record_submit){
        .file_id = m->file_id,
        .priority = m->priority,
        .delay_ms = m->delay_ms,
        .timeout_ms = m->timeout_ms,
        .max_attempts = m->max_attempts,
    };
    p->item.job_id = keep(&at, m->job_id);
    p->item.user_id = keep(&at, m->user_id);
    p->item.spec = keep(&at, m->spec);
    p->item.idempotency_owner =
        m->idempotency_owner.len > 0 ? keep(&at, m->idempotency_owner) : p->item.user_id;
    p->item.idempotency_hash = keep(&at, m->idempotency_hash);
    p->item.fingerprint = keep(&at, m->fingerprint);
    return ERR_OK;
}

static enum err enqueue(struct broker *b, struct peer *peer, const struct wire_message *m)
{
    if (!b->prepared || b->draining) {
        return ERR_UNAVAILABLE;
    }
    struct pending *p = pool_take(&b->submits->pool);
    if (p == NULL) {
        return ERR_FULL;
    }
    if (copy(p, &m->submit) != ERR_OK) {
        pool_give(&b->submits->pool, p);
        return ERR_NOMEM;
    }
    p->from = peer_ref(peer);
    p->request_id = m->request_id;
    p->until_ms = m->deadline_ms == 0 ? 0 : b->now_ms + m->deadline_ms;
    list_append(&b->submits->queue, &p->link);
    return ERR_OK;
}

void submits_take(struct broker *b, struct peer *peer, const struct wire_message *m)
{
    if (enqueue(b, peer, m) != ERR_OK) {
        reply(b, peer, m->request_id, SUBMIT_UNAVAILABLE, m->submit.job_id);
    }
}

/* ---- what Redis said */

static void start(struct broker *b, const struct pending *p, unsigned seat)
{
    struct wire_assign assign = {
        .attempt = {.fence = 1},
        .file_id = p->item.file_id,
        .spec = p->item.spec,
        .timeout_ms = p->item.timeout_ms,
    };
    if (span_copy(p->item.job_id, assign.attempt.job_id, sizeof assign.attempt.job_id) != ERR_OK) {
        sched_give_back(workers_sched(b->workers), seat); /* wire/ has checked: cannot be */
        return;
    }
    events_transition(b->events, p->item.job_id, JOB_RUNNING, 2, clock_wall_ms());
    workers_assign(b, seat, &assign);
}

static void queued(struct broker *b, const struct pending *p)
{
    events_transition(b->events, p->item.job_id, JOB_QUEUED, 1, clock_wall_ms());
    if (p->item.delay_ms > 0) {
        housekeeping_due(b, b->now_ms + p->item.delay_ms);
    } else {
        claims_expect(b, 1);
    }
}

static void settle(struct broker *b, struct batch *batch, struct pending *p,
                   const struct record_submitted *item, bool *used)
{
    static const enum submit_code CODES[] = {
        [RECORD_QUEUED] = SUBMIT_ACCEPTED,       [RECORD_CLAIMED] = SUBMIT_ACCEPTED,
        [RECORD_EXISTS] = SUBMIT_ACCEPTED,       [RECORD_REPLAYED] = SUBMIT_REPLAYED,
        [RECORD_CONFLICT] = SUBMIT_CONFLICT,     [RECORD_QUOTA] = SUBMIT_QUOTA,
        [RECORD_QUEUE_FULL] = SUBMIT_QUEUE_FULL,
    };
    const struct span id = item->code == RECORD_REPLAYED ? item->job_id : p->item.job_id;
    reply(b, peer_get(p->from), p->request_id, CODES[item->code], id);
    if (item->code == RECORD_QUEUED || item->code == RECORD_CLAIMED) {
        report_accepted(b);
    }
    if (CODES[item->code] == SUBMIT_ACCEPTED) { /* EXISTS: who recorded it may not have said so */
        events_of_user(b->events, p->item.user_id, id, 1, clock_wall_ms());
    }
    if (item->code == RECORD_QUEUED) {
        queued(b, p);
    } else if (item->code == RECORD_CLAIMED && item->worker < batch->seats_count &&
               !used[item->worker]) {
        used[item->worker] = true;
        start(b, p, batch->seats[item->worker]);
    }
}

static void on_submitted(void *context, enum err err, const struct record_submitted *items,
                         size_t count)
{
    struct batch *batch = context;
    struct broker *b = batch->broker;
    bool used[RECORDS_BATCH_MAX] = {false};
    batch->busy = false;
    for (size_t i = 0; i < batch->count; i++) {
        struct pending *p = batch->items[i];
        if (err == ERR_OK && i < count) {
            settle(b, batch, p, &items[i], used);
        } else {
            reply(b, peer_get(p->from), p->request_id, SUBMIT_UNAVAILABLE, p->item.job_id);
        }
        pending_destroy(b->submits, p);
    }
    for (size_t i = 0; i < batch->seats_count; i++) {
        if (!used[i]) {
            sched_give_back(workers_sched(b->workers), batch->seats[i]);
        }
    }
}

/* ---- sending */

/* Counts those that may start at once. What its asker has given up on is not worth a write. */
static size_t fill(struct broker *b, struct batch *batch)
{
    struct submits *s = b->submits;
    struct list *link;
    size_t immediate = 0;
    batch->count = 0;
    while (batch->count < RECORDS_BATCH_MAX && (link = list_pop(&s->queue)) != NULL) {
        struct pending *p = LIST_ENTRY(link, struct pending, link);
        if (p->until_ms != 0 && b->now_ms > p->until_ms) {
            pending_destroy(s, p);
            continue;
        }
        immediate += p->item.delay_ms == 0 ? 1 : 0;
        s->scratch[batch->count] = p->item;
        batch->items[batch->count++] = p;
    }
    return immediate;
}

static void send_batch(struct broker *b, struct batch *batch)
{
    struct submits *s = b->submits;
    const size_t immediate = fill(b, batch);
    if (batch->count == 0) {
        return;
    }
    batch->seats_count = claims_reserve(b, immediate, batch->seats, s->names);
    batch->busy = true;
    const enum err err = records_submit(b->records, s->scratch, batch->count, s->names,
                                        batch->seats_count, on_submitted, batch);
    if (err != ERR_OK) {
        on_submitted(batch, err, NULL, 0);
    }
}

static void refuse_all(struct broker *b)
{
    struct list *link;
    while ((link = list_pop(&b->submits->queue)) != NULL) {
        struct pending *p = LIST_ENTRY(link, struct pending, link);
        reply(b, peer_get(p->from), p->request_id, SUBMIT_UNAVAILABLE, p->item.job_id);
        pending_destroy(b->submits, p);
    }
}

bool submits_in_flight(const struct submits *s)
{
    return s->batch.busy;
}

void submits_flush(struct broker *b)
{
    struct submits *s = b->submits;
    if (!b->prepared) {
        refuse_all(b);
        return;
    }
    while (!list_empty(&s->queue) && !s->batch.busy) {
        send_batch(b, &s->batch);
    }
}
