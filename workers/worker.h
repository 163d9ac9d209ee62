/* Worker: one loop that runs many attempts (design §5).
 *
 *     poll: brokers' sockets, http sources, pool, signals
 *       1 hear what brokers say      -> orders.c
 *       2 take what the pools finished
 *       3 move bytes                 -> run.c
 *       4 repeat results, heartbeats -> link.c
 *       5 hand finished files to the committer; send one packet to each broker */
#ifndef LONGHAUL_WORKERS_WORKER_H
#define LONGHAUL_WORKERS_WORKER_H

#include "base/err.h"
#include "ports/source_file.h"
#include "ports/source_http.h"
#include "workers/committer.h"
#include "workers/link.h"
#include "workers/lookup.h"
#include "workers/options.h"
#include "workers/pool.h"
#include "workers/runs.h"

enum {
    WORKER_DISCARDS_MAX = 1024, /* deletions under way; a broker asks again */
    WORKER_ACKS_MS = 2000,      /* at the end: how long results wait for their Acks */
};

enum worker_drain { DRAIN_NONE, DRAIN_FINISHING, DRAIN_RELEASED };

struct worker {
    const struct worker_config *config;
    int signal_fd;
    void *zmq_context;
    struct pool *pool;      /* for what waits for a disk */
    struct pool *pack_pool; /* for what computes: neither delays the other */
    struct file_store *store;
    struct committer *committer;
    struct http_sources *http;
    struct file_root *folder;      /* of --files; else NULL */
    struct file_root *source_root; /* of --source-root; else NULL */
    struct lookup *lookup;
    struct link *link;
    struct wire_reader *spec_reader;
    struct runs runs;
    unsigned char *chunk; /* SOURCE_CHUNK_MAX: bytes of simulated artifacts */
    size_t discards;
    int64_t now_ms;
    enum worker_drain drain;
    bool drained; /* an operator took it out of service: what it has goes on, nothing new comes */
    int64_t drain_until_ms;
};

/* `config` is borrowed. Errors were logged. */
MUST_CHECK enum err worker_new(const struct worker_config *config, int signal_fd,
                               struct worker **out);
void worker_destroy(struct worker **w);
/* Returns when it has drained after a signal. */
void worker_loop(struct worker *w);

/* ---- orders.c: what brokers say */

void orders_take(void *worker, const struct wire_message *m, bool credited);
/* Deletes an artifact that nobody needs; `answer`: tell the broker when it is gone. */
void orders_discard(struct worker *w, struct span key, bool answer);

#endif
