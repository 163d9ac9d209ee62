#include "gateway/in_flight_keys.h"

#include "base/map.h"

#include <pthread.h>
#include <stdlib.h>

struct in_flight_keys {
    pthread_mutex_t mutex;
    struct map *map;
};

enum err in_flight_keys_new(struct in_flight_keys **out)
{
    struct in_flight_keys *keys = calloc(1, sizeof *keys);
    if (keys == NULL) {
        return ERR_NOMEM;
    }
    const enum err e = map_new(IN_FLIGHT_KEYS_MAX, &keys->map);
    if (e != ERR_OK) {
        free(keys);
        return e;
    }
    (void)pthread_mutex_init(&keys->mutex, NULL); /* cannot fail with default attributes */
    *out = keys;
    return ERR_OK;
}

void in_flight_keys_destroy(struct in_flight_keys **keys)
{
    if (*keys == NULL) {
        return;
    }
    (void)pthread_mutex_destroy(&(*keys)->mutex);
    map_destroy(&(*keys)->map);
    free(*keys);
    *keys = NULL;
}

enum err in_flight_keys_enter(struct in_flight_keys *keys, struct span key)
{
    (void)pthread_mutex_lock(&keys->mutex);
    const enum err e = map_put(keys->map, key, keys);
    (void)pthread_mutex_unlock(&keys->mutex);
    return e;
}

void in_flight_keys_leave(struct in_flight_keys *keys, struct span key)
{
    (void)pthread_mutex_lock(&keys->mutex);
    (void)map_remove(keys->map, key);
    (void)pthread_mutex_unlock(&keys->mutex);
}
