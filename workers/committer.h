/* Committer: makes finished artifacts durable, many at a time.
 *
 *     publish:       put -> pool thread: sync the file -> commit thread: publish all that are
 *                                                         there, sync the folder once, report
 *     drop, remove:  put -> pool thread -> report
 *
 * A sync of the folder takes as long as a disk needs, whatever the number of files; so everything
 * that became ready during one shares the next (group commit).
 *
 * put belongs to the loop's thread; `done` is called there too (pool_turn). */
#ifndef LONGHAUL_WORKERS_COMMITTER_H
#define LONGHAUL_WORKERS_COMMITTER_H

#include "base/err.h"
#include "ports/sink_file.h"
#include "workers/pool.h"

struct committer;

enum commit_kind {
    COMMIT_PUBLISH, /* sink -> objects/key */
    COMMIT_DROP,    /* the sink, unfinished */
    COMMIT_REMOVE,  /* objects/key */
};

struct commit {
    struct task task;
    struct committer *committer;
    enum commit_kind kind;
    char key[ARTIFACT_KEY_SIZE];
    struct file_sink sink;
    enum err result;
    void (*done)(struct commit *c);
};

MUST_CHECK enum err committer_new(struct file_store *store, struct pool *pool,
                                  struct committer **out);
/* Publishes what it has and ends its thread. Between pool_stop (which may hand over more) and
 * pool_destroy (into which it reports). */
void committer_stop(struct committer *k);
void committer_destroy(struct committer **k); /* after committer_stop */

/* `c` (kind, key, sink, done filled) belongs to the committer until `done`. */
void committer_put(struct committer *k, struct commit *c);

#endif
