/* A private Redis on a unix socket and a poll loop that drives redis_conn, for tests of ports. */
#ifndef LONGHAUL_TESTS_REDIS_FIXTURE_H
#define LONGHAUL_TESTS_REDIS_FIXTURE_H

#include "base/clock.h"
#include "ports/redis_conn.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WATCHES_MAX = 4, CONNS_MAX = 4, POLL_MS = 10, PATIENCE_MS = 30000, SERVER_ARGS_MAX = 32 };

/* ---- the server; nobody waits for it to start: connections come back by themselves */

struct server {
    char dir[64];
    char socket[96];
    pid_t pid;
    const char *args[SERVER_ARGS_MAX];
};

static inline void server_run(struct server *s)
{
    s->pid = fork();
    cr_assert_geq(s->pid, 0);
    if (s->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)!freopen("/dev/null", "w", stdout);
        char *argv[SERVER_ARGS_MAX];
        memcpy(argv, s->args, sizeof(argv));
        execvp("redis-server", argv);
        _exit(127);
    }
}

/* `extra` are more arguments, NULL at the end. */
static inline void server_start(struct server *s, const char *const *extra)
{
    *s = (struct server){.dir = "/tmp/longhaul-redis-XXXXXX"};
    cr_assert_not_null(mkdtemp(s->dir));
    (void)snprintf(s->socket, sizeof(s->socket), "%s/redis.sock", s->dir);
    const char *const base[] = {"redis-server", "--unixsocket", s->socket, "--dir",
                                s->dir,         "--save",       "",        "--loglevel",
                                "warning",      "--port",       "0"};
    size_t count = sizeof(base) / sizeof(base[0]);
    memcpy(s->args, base, sizeof(base));
    for (size_t i = 0; extra[i] != NULL; i++) {
        cr_assert_lt(count, SERVER_ARGS_MAX - 1);
        s->args[count++] = extra[i];
    }
    server_run(s);
}

static inline void server_kill(struct server *s)
{
    (void)kill(s->pid, SIGKILL);
    (void)waitpid(s->pid, NULL, 0);
    s->pid = 0;
}

static inline int remove_entry(const char *path, const struct stat *info, int type, struct FTW *at)
{
    (void)info;
    (void)type;
    (void)at;
    return remove(path);
}

static inline void server_stop(struct server *s)
{
    if (s->pid > 0) {
        server_kill(s);
    }
    (void)nftw(s->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- the loop */

struct watch {
    int fd; /* -1: free */
    bool read, write;
    void (*ready)(void *arg, bool readable, bool writable);
    void *arg;
};

struct poll_loop {
    struct watch watches[WATCHES_MAX];
    struct redis_conn **conns[CONNS_MAX]; /* ticked each turn; a closed one is NULL inside */
    size_t conns_count;
};

static inline void *loop_watch(void *context, int fd, void (*ready)(void *, bool, bool), void *arg)
{
    struct poll_loop *l = context;
    for (size_t i = 0; i < WATCHES_MAX; i++) {
        if (l->watches[i].fd < 0) {
            l->watches[i] = (struct watch){fd, false, false, ready, arg};
            return &l->watches[i];
        }
    }
    return NULL;
}

static inline void loop_interest(void *handle, bool read, bool write)
{
    struct watch *w = handle;
    w->read = read;
    w->write = write;
}

static inline void loop_unwatch(void *handle)
{
    ((struct watch *)handle)->fd = -1;
}

static inline struct redis_loop loop_init(struct poll_loop *l)
{
    *l = (struct poll_loop){0};
    for (size_t i = 0; i < WATCHES_MAX; i++) {
        l->watches[i].fd = -1;
    }
    return (struct redis_loop){l, loop_watch, loop_interest, loop_unwatch};
}

static inline void loop_turn(struct poll_loop *l)
{
    struct pollfd fds[WATCHES_MAX];
    for (size_t i = 0; i < WATCHES_MAX; i++) {
        const struct watch *w = &l->watches[i];
        fds[i] =
            (struct pollfd){w->fd, (short)((w->read ? POLLIN : 0) | (w->write ? POLLOUT : 0)), 0};
    }
    (void)poll(fds, WATCHES_MAX, POLL_MS);
    for (size_t i = 0; i < WATCHES_MAX; i++) {
        struct watch *w = &l->watches[i];
        const bool fault = (fds[i].revents & (POLLERR | POLLHUP)) != 0;
        const bool readable = w->read && ((fds[i].revents & POLLIN) != 0 || fault);
        const bool writable = w->write && ((fds[i].revents & POLLOUT) != 0 || fault);
        if (w->fd >= 0 && w->fd == fds[i].fd && (readable || writable)) {
            w->ready(w->arg, readable, writable);
        }
    }
    for (size_t i = 0; i < l->conns_count; i++) {
        if (*l->conns[i] != NULL) {
            redis_conn_tick(*l->conns[i], clock_mono_ms());
        }
    }
}

#define RUN_UNTIL(loop, condition)                                                                 \
    do {                                                                                           \
        const int64_t limit_ = clock_mono_ms() + PATIENCE_MS;                                      \
        while (!(condition)) {                                                                     \
            cr_assert_lt(clock_mono_ms(), limit_, "waited in vain for: %s", #condition);           \
            loop_turn(loop);                                                                       \
        }                                                                                          \
    } while (0)

/* ---- one connection with its events counted */

struct client {
    struct poll_loop *loop;
    struct redis_conn *conn;
    size_t ups, downs;
};

static inline void client_up(void *context)
{
    ((struct client *)context)->ups++;
}

static inline void client_down(void *context)
{
    ((struct client *)context)->downs++;
}

static inline void client_open(struct client *c, struct poll_loop *l,
                               const struct redis_loop *redis_loop,
                               const struct redis_conn_config *config)
{
    *c = (struct client){.loop = l};
    const struct redis_conn_events events = {c, client_up, client_down};
    cr_assert_eq(redis_conn_open(config, redis_loop, &events, &c->conn), ERR_OK);
    cr_assert_lt(l->conns_count, CONNS_MAX);
    l->conns[l->conns_count++] = &c->conn;
}

#endif
