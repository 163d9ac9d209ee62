/* Pool: threads for what blocks, so that the loop never does.
 *
 * A task is embedded in its owner's struct. `run` is called on a pool thread and says whether the
 * task is over; if not, whoever took it over calls pool_finish later. `done` is called on the
 * loop's thread, in pool_turn. Between put and done the task belongs to the pool.
 *
 * The queue is intrusive and needs no limit of its own: each task belongs to something bounded. */
#ifndef LONGHAUL_WORKERS_POOL_H
#define LONGHAUL_WORKERS_POOL_H

#include "base/err.h"
#include "base/list.h"

#include <stdbool.h>

enum { POOL_THREADS_MAX = 16 };

struct pool;
struct task {
    struct list link;
    bool (*run)(struct task *t);
    void (*done)(struct task *t);
};

MUST_CHECK enum err pool_new(unsigned threads, struct pool **out);
/* Runs what is queued, then joins the threads. Tasks may still be finished, but no `done` is called
 * any more. */
void pool_stop(struct pool *p);
void pool_destroy(struct pool **p); /* stops it if need be */

void pool_put(struct pool *p, struct task *t);    /* any thread */
void pool_finish(struct pool *p, struct task *t); /* any thread: the task is over */
int pool_fd(const struct pool *p);                /* readable: call pool_turn */
void pool_turn(struct pool *p);

#endif
