#include "base/map.h"

#include "base/ids.h"
#include "base/siphash.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS_MIN = 16 };

/* A slot is empty, in use (value != NULL), or a tombstone: its entry was removed, but the search
 * for another one may have to pass over it. */
struct slot {
    uint64_t hash;
    char *key; /* owned */
    size_t key_len;
    void *value; /* borrowed */
    bool tombstone;
};

struct map {
    struct slot *slots; /* owned; slots_count of them, a power of two */
    size_t slots_count;
    size_t entries;
    size_t tombstones;
    size_t entries_max;
    struct siphash_key seed;
};

enum err map_new(size_t entries_max, struct map **out)
{
    assert(entries_max > 0 && entries_max < SIZE_MAX / 4 / sizeof(struct slot));
    struct map *m = calloc(1, sizeof *m);
    struct slot *slots = calloc(SLOTS_MIN, sizeof *slots);
    if (m == NULL || slots == NULL) {
        free(m);
        free(slots);
        return ERR_NOMEM;
    }
    m->slots = slots;
    m->slots_count = SLOTS_MIN;
    m->entries_max = entries_max;
    struct id_source random;
    id_source_init(&random);
    id_source_bytes(&random, &m->seed, sizeof m->seed);
    *out = m;
    return ERR_OK;
}

void map_destroy(struct map **m)
{
    if (*m == NULL) {
        return;
    }
    for (size_t i = 0; i < (*m)->slots_count; i++) {
        free((*m)->slots[i].key);
    }
    free((*m)->slots);
    free(*m);
    *m = NULL;
}

static size_t next_slot(const struct map *m, size_t i)
{
    return (i + 1) & (m->slots_count - 1);
}

/* The entry's slot, or NULL. There is always an empty slot, so the walk ends. */
static struct slot *find(const struct map *m, struct span key, uint64_t hash)
{
    for (size_t i = hash & (m->slots_count - 1);; i = next_slot(m, i)) {
        struct slot *s = &m->slots[i];
        if (s->value == NULL && !s->tombstone) {
            return NULL;
        }
        if (s->value != NULL && s->hash == hash &&
            span_eq((struct span){s->key, s->key_len}, key)) {
            return s;
        }
    }
}

static struct slot *find_free(const struct map *m, uint64_t hash)
{
    size_t i = hash & (m->slots_count - 1);
    while (m->slots[i].value != NULL) {
        i = next_slot(m, i);
    }
    return &m->slots[i];
}

/* At most three quarters of the slots are taken, tombstones included; a rebuild leaves at most
 * half of them in use, so the next one is far. */
static enum err make_room(struct map *m)
{
    if ((m->entries + m->tombstones + 1) * 4 <= m->slots_count * 3) {
        return ERR_OK;
    }
    size_t count = SLOTS_MIN;
    while (count < (m->entries + 1) * 2) {
        count *= 2;
    }
    struct slot *slots = calloc(count, sizeof *slots);
    if (slots == NULL) {
        return ERR_NOMEM;
    }
    const struct map old = *m;
    m->slots = slots;
    m->slots_count = count;
    m->tombstones = 0;
    for (size_t i = 0; i < old.slots_count; i++) {
        if (old.slots[i].value != NULL) {
            *find_free(m, old.slots[i].hash) = old.slots[i];
        }
    }
    free(old.slots);
    return ERR_OK;
}

void *map_get(const struct map *m, struct span key)
{
    const struct slot *s = find(m, key, siphash(&m->seed, key));
    return s != NULL ? s->value : NULL;
}

enum err map_put(struct map *m, struct span key, void *value)
{
    assert(value != NULL);
    const uint64_t hash = siphash(&m->seed, key);
    if (find(m, key, hash) != NULL) {
        return ERR_EXISTS;
    }
    if (m->entries >= m->entries_max) {
        return ERR_FULL;
    }
    TRY(make_room(m));
    char *copy = malloc(key.len + 1); /* never of size 0, which may give NULL */
    if (copy == NULL) {
        return ERR_NOMEM;
    }
    if (key.len > 0) {
        memcpy(copy, key.ptr, key.len);
    }
    struct slot *s = find_free(m, hash);
    m->tombstones -= s->tombstone ? 1 : 0;
    m->entries++;
    *s = (struct slot){.hash = hash, .key = copy, .key_len = key.len, .value = value};
    return ERR_OK;
}

/* Tombstones right before an empty slot serve no search. Removing in a walk stays safe: nothing
 * that is in use moves. */
static void sweep_tombstones(struct map *m, size_t i)
{
    const struct slot *after = &m->slots[next_slot(m, i)];
    if (after->value != NULL || after->tombstone) {
        return;
    }
    while (m->slots[i].tombstone) {
        m->slots[i].tombstone = false;
        m->tombstones--;
        i = (i - 1) & (m->slots_count - 1);
    }
}

void *map_remove(struct map *m, struct span key)
{
    struct slot *s = find(m, key, siphash(&m->seed, key));
    if (s == NULL) {
        return NULL;
    }
    void *value = s->value;
    free(s->key);
    *s = (struct slot){.tombstone = true};
    m->entries--;
    m->tombstones++;
    sweep_tombstones(m, (size_t)(s - m->slots));
    return value;
}

size_t map_count(const struct map *m)
{
    return m->entries;
}

void *map_next(const struct map *m, size_t *cursor, struct span *key)
{
    while (*cursor < m->slots_count) {
        const struct slot *s = &m->slots[(*cursor)++];
        if (s->value != NULL) {
            if (key != NULL) {
                *key = (struct span){s->key, s->key_len};
            }
            return s->value;
        }
    }
    return NULL;
}
