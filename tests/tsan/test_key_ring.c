// links: base core gateway pthread
/* Threads check tokens while another one follows a file that changes: no data race, the keys in use
 * are always whole, and a broken file changes nothing. */
#include "gateway/counters.h"
#include "gateway/key_ring.h"

#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 4, ROUNDS = 2000, CHANGES = 200 };

/* HS256 by the first secret; expires at 2000000. */
static const char token[] = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1MSIsImV4cCI6MjAwMDAwMH0.yS_s_"
                            "MIVcRiFtXYXtSmO6Qd5DEkn0k2WD-mNhoij-m4";
static const char *const secrets[] = {"0123456789abcdef0123456789abcdef\n",
                                      "fedcba9876543210fedcba9876543210\n", "too short\n"};
static const struct jwt_policy policy = {.source = JWT_FROM_SECRET, .pinned = 1U << JWT_HS256};
static struct key_ring *ring;

static void *check(void *arg)
{
    size_t *accepted = arg;
    for (int i = 0; i < ROUNDS; i++) {
        struct claims claims;
        struct jwt_keys *keys = key_ring_hold(ring);
        const enum token_fault fault =
            jwt_keys_check(keys, &policy, span_of(token), 1000000, &claims);
        assert(fault == TOKEN_OK || fault == TOKEN_SIGNATURE);
        *accepted += fault == TOKEN_OK ? 1 : 0;
        jwt_keys_release(&keys);
    }
    return NULL;
}

static void write_secret(const char *path, const char *secret)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert(fd >= 0);
    const ssize_t put = write(fd, secret, strlen(secret));
    assert(put == (ssize_t)strlen(secret));
    const int failed = close(fd);
    assert(failed == 0);
}

static bool accepts_now(void)
{
    struct claims claims;
    struct jwt_keys *keys = key_ring_hold(ring);
    const enum token_fault fault = jwt_keys_check(keys, &policy, span_of(token), 1000000, &claims);
    jwt_keys_release(&keys);
    return fault == TOKEN_OK;
}

int main(void)
{
    char folder[] = "/tmp/longhaul-keys-XXXXXX", path[64], next[64];
    struct metrics *counters;
    pthread_t threads[THREADS];
    size_t accepted[THREADS] = {0};
    const char *made = mkdtemp(folder);
    assert(made != NULL);
    (void)snprintf(path, sizeof path, "%s/secret", folder);
    (void)snprintf(next, sizeof next, "%s/next", folder);
    enum err e = counters_new(&counters);
    assert(e == ERR_OK);
    write_secret(path, secrets[0]);
    e = key_ring_open(path, &policy, counters, &ring);
    assert(e == ERR_OK && accepts_now());
    for (size_t i = 0; i < THREADS; i++) {
        const int failed = pthread_create(&threads[i], NULL, check, &accepted[i]);
        assert(failed == 0);
    }
    bool wanted = true;
    for (size_t i = 1; i <= CHANGES; i++) {
        const size_t which = i % 3;
        write_secret(next, secrets[which]);
        const int failed = rename(next, path);
        assert(failed == 0);
        key_ring_look(ring);
        wanted = which == 2 ? wanted : which == 0;
        assert(accepts_now() == wanted);
    }
    for (size_t i = 0; i < THREADS; i++) {
        const int failed = pthread_join(threads[i], NULL);
        assert(failed == 0 && accepted[i] <= ROUNDS);
    }
    key_ring_close(&ring);
    metrics_destroy(&counters);
    (void)unlink(path);
    (void)rmdir(folder);
    return 0;
}
