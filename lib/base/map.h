/* Map: byte-string keys to pointers, with a maximum number of entries.
 *
 * Open addressing with a hash seeded per map from the kernel (SipHash-1-3), so that strangers who
 * choose keys cannot choose collisions. Keys are copied; values are borrowed. */
#ifndef LONGHAUL_BASE_MAP_H
#define LONGHAUL_BASE_MAP_H

#include "base/err.h"
#include "base/span.h"

#include <stddef.h>

struct map;

MUST_CHECK enum err map_new(size_t entries_max, struct map **out);
void map_destroy(struct map **m); /* values are not freed; NULL inside is fine */

void *map_get(const struct map *m, struct span key); /* NULL if absent */
/* ERR_EXISTS if the key is there, ERR_FULL at the maximum, ERR_NOMEM. `value` is not NULL. */
MUST_CHECK enum err map_put(struct map *m, struct span key, void *value);
void *map_remove(struct map *m, struct span key); /* the value, or NULL if absent */
size_t map_count(const struct map *m);

/* Walks all entries in no order. *cursor starts at 0; NULL at the end. The entry just returned may
 * be removed while walking; nothing may be added. `key` may be NULL. */
void *map_next(const struct map *m, size_t *cursor, struct span *key);

#endif
