#include "workers/runs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS_HELD_MAX = WIRE_RUNNING_MAX + RUNS_REPORTS_MAX + 2 * RUNS_RECENT_MAX };

enum err runs_init(struct runs *t, size_t slots)
{
    *t = (struct runs){.slots = slots};
    list_init(&t->moving);
    list_init(&t->storing);
    list_init(&t->recent);
    list_init(&t->unused);
    list_init(&t->reports);
    t->named = calloc(slots, sizeof(*t->named));
    return t->named != NULL ? map_new(RUNS_HELD_MAX, &t->by_key) : ERR_NOMEM;
}

static void free_run(struct run *r)
{
    source_destroy(&r->source);
    pack_destroy(&r->pack);
    digest_clear(&r->digest);
    free(r);
}

void runs_clear(struct runs *t)
{
    size_t cursor = 0;
    if (t->by_key != NULL) {
        for (struct run *r = map_next(t->by_key, &cursor, NULL); r != NULL;
             r = map_next(t->by_key, &cursor, NULL)) {
            free_run(r);
        }
    }
    for (struct list *l = list_pop(&t->unused); l != NULL; l = list_pop(&t->unused)) {
        free(LIST_ENTRY(l, struct run, link));
    }
    map_destroy(&t->by_key);
    free(t->named);
}

struct run *runs_find(const struct runs *t, const struct attempt *id)
{
    char key[ARTIFACT_KEY_SIZE];
    artifact_key_write(id, false, key);
    return map_get(t->by_key, span_of(key));
}

static struct run *take_blank(struct runs *t)
{
    struct list *l = list_pop(&t->unused);
    struct run *r = l != NULL ? LIST_ENTRY(l, struct run, link) : malloc(sizeof(*r));
    if (r != NULL) {
        memset(r, 0, sizeof(*r));
        list_init(&r->link);
        list_init(&r->reports_link);
        digest_init(&r->digest);
        file_sink_init(&r->commit.sink);
    }
    return r;
}

enum err runs_add(struct runs *t, const struct attempt *id, struct run **out)
{
    struct run *r = take_blank(t);
    if (r == NULL) {
        return ERR_NOMEM;
    }
    r->id = *id;
    r->phase = RUN_MOVING;
    artifact_key_write(id, false, r->key);
    const enum err err = map_put(t->by_key, span_of(r->key), r);
    if (err != ERR_OK) {
        list_append(&t->unused, &r->link);
        return err;
    }
    list_append(&t->moving, &r->link);
    t->moving_count++;
    *out = r;
    return ERR_OK;
}

static void forget_oldest(struct runs *t)
{
    struct run *r = LIST_ENTRY(t->recent.next, struct run, link);
    list_remove(&r->link);
    t->recent_count--;
    (void)map_remove(t->by_key, span_of(r->key));
    list_append(&t->unused, &r->link);
}

/* Over in every respect: remembered for a while, then forgotten. */
static void settle(struct runs *t, struct run *r)
{
    if (r->phase != RUN_IDLE || r->reporting || !list_empty(&r->link)) {
        return;
    }
    list_append(&t->recent, &r->link);
    t->recent_count++;
    if (t->recent_count > RUNS_RECENT_MAX) {
        forget_oldest(t);
    }
}

void runs_set_phase(struct runs *t, struct run *r, enum run_phase phase)
{
    list_remove(&r->link);
    if (r->phase == RUN_MOVING) {
        t->moving_count--;
    } else if (r->phase != RUN_IDLE) {
        t->storing_count--;
    }
    r->phase = phase;
    assert(phase != RUN_MOVING);
    if (phase != RUN_IDLE) {
        list_append(&t->storing, &r->link);
        t->storing_count++;
    }
    settle(t, r);
}

void runs_set_reporting(struct runs *t, struct run *r, bool reporting)
{
    if (r->reporting != reporting) {
        t->reports_count = reporting ? t->reports_count + 1 : t->reports_count - 1;
    }
    r->reporting = reporting;
    list_remove(&r->reports_link);
    if (reporting) {
        list_append(&t->reports, &r->reports_link);
    }
    settle(t, r);
}

size_t runs_free_slots(const struct runs *t)
{
    const size_t used = t->moving_count + t->storing_count;
    return used >= t->slots || t->reports_count >= RUNS_REPORTS_MAX ? 0 : t->slots - used;
}

static size_t name_all(const struct list *anchor, struct attempt *out, size_t count, size_t max)
{
    for (const struct list *l = anchor->next; l != anchor && count < max; l = l->next) {
        const struct run *r = (const void *)((const char *)l - offsetof(struct run, link));
        if (!r->reporting && !r->dropped && !r->given_up) {
            out[count++] = r->id;
        }
    }
    return count;
}

size_t runs_named(struct runs *t, const struct attempt **out)
{
    size_t count = name_all(&t->moving, t->named, 0, t->slots);
    count = name_all(&t->storing, t->named, count, t->slots);
    *out = t->named;
    return count;
}
