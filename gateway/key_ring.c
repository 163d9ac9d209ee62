#include "gateway/key_ring.h"

#include "base/log.h"
#include "core/jwk_set.h"
#include "gateway/counters.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MESSAGE_MAX = 1024 };

struct key_ring {
    pthread_mutex_t mutex; /* of `keys` */
    struct jwt_keys *keys;
    const char *path;
    const struct jwt_policy *policy;
    struct metrics *counters;
    struct stat seen; /* the file that was there at the last try, readable or not; zero: none */
};

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
           a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static enum err read_all(int fd, struct buf *out)
{
    for (;;) {
        const enum err e = buf_reserve(out, 1);
        if (e != ERR_OK) {
            return e;
        }
        const ssize_t got = read(fd, out->data + out->len, out->cap - out->len);
        if (got == 0) {
            return ERR_OK;
        }
        if (got < 0 && errno != EINTR) {
            return ERR_IO;
        }
        out->len += got > 0 ? (size_t)got : 0;
    }
}

static void look(const char *path, struct stat *out)
{
    if (stat(path, out) != 0) {
        memset(out, 0, sizeof *out);
    }
}

/* *seen: the file that was opened, or that is there and could not be (so that it is complained of
 * once); zero if there is none. */
static enum err read_file(const char *path, struct buf *out, struct stat *seen, struct buf *message)
{
    look(path, seen);
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        (void)buf_text(message, strerror(errno));
        return ERR_IO;
    }
    enum err e = ERR_INVALID;
    if (fstat(fd, seen) != 0 || !S_ISREG(seen->st_mode)) {
        (void)buf_text(message, "it is not a regular file");
    } else {
        e = read_all(fd, out);
        if (e == ERR_TOO_LARGE) {
            (void)buf_printf(message, "it has more than %d bytes", JWK_SET_BYTES_MAX);
        } else if (e != ERR_OK) {
            (void)buf_text(message, e == ERR_IO ? strerror(errno) : "no memory");
        }
    }
    (void)close(fd);
    return e;
}

static enum err load(const char *path, const struct jwt_policy *policy, struct stat *seen,
                     struct buf *message, struct jwt_keys **out)
{
    struct buf text;
    buf_init(&text, JWK_SET_BYTES_MAX + 1);
    enum err e = read_file(path, &text, seen, message);
    if (e == ERR_OK) {
        e = jwt_keys_new(policy, buf_as_span(&text), message, out);
    }
    if (text.data != NULL) {
        explicit_bzero(text.data, text.cap);
    }
    buf_clear(&text);
    return e;
}

enum err key_file_check(const char *path, const struct jwt_policy *policy, struct buf *message)
{
    struct stat seen;
    struct jwt_keys *keys = NULL;
    const enum err e = load(path, policy, &seen, message, &keys);
    jwt_keys_release(&keys);
    return e;
}

static enum err reload(struct key_ring *ring)
{
    struct buf message;
    struct jwt_keys *fresh = NULL;
    buf_init(&message, MESSAGE_MAX);
    const enum err e = load(ring->path, ring->policy, &ring->seen, &message, &fresh);
    if (e == ERR_OK) {
        log_info("keys.loaded", "%s: keys=%zu", ring->path, jwt_keys_count(fresh));
        (void)pthread_mutex_lock(&ring->mutex);
        struct jwt_keys *old = ring->keys;
        ring->keys = fresh;
        (void)pthread_mutex_unlock(&ring->mutex);
        jwt_keys_release(&old);
    } else {
        log_error("keys.refused", "%s: %.*s%s", ring->path, SPAN_ARG(buf_as_span(&message)),
                  ring->keys != NULL ? "; the former keys stay in use" : "");
    }
    metrics_add(ring->counters, e == ERR_OK ? COUNT_KEY_LOADS : COUNT_KEY_LOADS_FAILED, 1);
    buf_clear(&message);
    return e;
}

enum err key_ring_open(const char *path, const struct jwt_policy *policy, struct metrics *counters,
                       struct key_ring **out)
{
    struct key_ring *ring = calloc(1, sizeof *ring);
    if (ring == NULL) {
        return ERR_NOMEM;
    }
    (void)pthread_mutex_init(&ring->mutex, NULL); /* cannot fail with default attributes */
    ring->path = path;
    ring->policy = policy;
    ring->counters = counters;
    *out = ring;
    return reload(ring);
}

void key_ring_close(struct key_ring **ring)
{
    if (*ring == NULL) {
        return;
    }
    jwt_keys_release(&(*ring)->keys);
    (void)pthread_mutex_destroy(&(*ring)->mutex);
    free(*ring);
    *ring = NULL;
}

void key_ring_look(struct key_ring *ring)
{
    struct stat now;
    look(ring->path, &now);
    if (!same_file(&now, &ring->seen)) {
        (void)reload(ring); /* the reason was logged */
    }
}

struct jwt_keys *key_ring_hold(struct key_ring *ring)
{
    (void)pthread_mutex_lock(&ring->mutex);
    struct jwt_keys *keys = jwt_keys_hold(ring->keys);
    (void)pthread_mutex_unlock(&ring->mutex);
    return keys;
}
