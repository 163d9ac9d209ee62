#include "gateway/broker_round.h"

#include "base/clock.h"
#include "gateway/broker_calls.h"

/* Also one that is not ready: its word on its workers is as good. */
static bool there(const struct broker_link *link, const struct broker *b)
{
    return b->ponged_ms != 0 && link->now_ms - b->ponged_ms < BROKER_SILENT_MS;
}

void broker_round_start(struct broker_link *link, struct broker_round *r, struct wire_message m)
{
    link->now_ms = clock_mono_ms();
    r->id = ++link->round_ids;
    r->waiting = 0;
    r->until_ms = link->now_ms + ROUND_WAIT_MS;
    m.request_id = r->id;
    for (size_t i = 0; i < link->brokers_count; i++) {
        struct broker *b = &link->brokers[i];
        if (there(link, b) && broker_add(b, &m) == ERR_OK) {
            r->waiting |= UINT32_C(1) << i;
        }
    }
    list_init(&r->link);
    list_append(&link->rounds, &r->link);
}

void broker_round_cancel(struct broker_round *r)
{
    if (r->link.next != NULL) {
        list_remove(&r->link);
    }
}

static void finish(struct broker_round *r)
{
    list_remove(&r->link);
    r->done(r);
}

void broker_rounds_answer(struct broker_link *link, size_t broker, const struct wire_message *m)
{
    for (struct list *at = link->rounds.next; at != &link->rounds; at = at->next) {
        struct broker_round *r = LIST_ENTRY(at, struct broker_round, link);
        const uint32_t bit = UINT32_C(1) << broker;
        if (r->id != m->request_id || (r->waiting & bit) == 0) {
            continue;
        }
        r->waiting &= ~bit;
        r->answer(r, broker, m);
        if (r->waiting == 0) {
            finish(r);
        }
        return;
    }
}

void broker_rounds_tick(struct broker_link *link)
{
    struct list over;
    list_init(&over);
    for (struct list *at = link->rounds.next, *next; at != &link->rounds; at = next) {
        const struct broker_round *r = LIST_ENTRY(at, struct broker_round, link);
        next = at->next;
        if (r->waiting == 0 || link->now_ms >= r->until_ms) {
            list_remove(at);
            list_append(&over, at);
        }
    }
    while (!list_empty(&over)) { /* what ends one may start or cancel another */
        finish(LIST_ENTRY(over.next, struct broker_round, link));
    }
}
