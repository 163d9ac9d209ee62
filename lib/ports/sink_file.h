/* Sink file: a folder that keeps artifacts.
 *
 *     DIR/tmp/<worker>~<key>.part   being written; nobody else looks there
 *     DIR/objects/<key>             complete, verified, durable; never changed afterwards
 *
 * Several workers share DIR. Keys are those of core/artifact_key.h: no two attempts have the same.
 * Publishing is: sync the bytes, rename, sync the folder. The calls are separate so that many
 * artifacts can share the last one (see workers/committer.h).
 *
 * Threads: one thread at a time per sink; the store's own functions from any thread. */
#ifndef LONGHAUL_PORTS_SINK_FILE_H
#define LONGHAUL_PORTS_SINK_FILE_H

#include "base/err.h"
#include "base/span.h"
#include "core/artifact_key.h"
#include "core/job.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    SINK_WORKER_ID_MAX = JOB_WORKER_ID_MAX,
    SINK_NAME_SIZE = SINK_WORKER_ID_MAX + ARTIFACT_KEY_SIZE + 8,
    SINK_LEFTOVER_AGE_S = 3600, /* no attempt of any worker is that old (core/job.h: 300 s) */
};

struct file_store;

/* Makes the folders and takes the lock of `worker_id`, whose leftovers are then deleted, as are
 * those of any worker that are older than SINK_LEFTOVER_AGE_S. `worker_id`: as core/worker_id.h
 * has it. ERR_EXISTS: another process holds this worker id here. ERR_IO with errno. */
MUST_CHECK enum err file_store_open(const char *dir, const char *worker_id,
                                    struct file_store **out);
void file_store_close(struct file_store **s); /* after all sinks; releases the lock */

/* One artifact that is being written. */
struct file_sink {
    int fd; /* -1: nothing was opened, or it is over */
    char name[SINK_NAME_SIZE];
};

void file_sink_init(struct file_sink *k);
/* ERR_UNAVAILABLE for whatever the system refuses, here and below: disk full, no descriptors … */
MUST_CHECK enum err file_sink_open(struct file_store *s, const char *key, struct file_sink *k);
/* For reading and writing, and without a name: never published, gone when its fd is closed. */
MUST_CHECK enum err file_sink_open_nameless(struct file_store *s, const char *key,
                                            struct file_sink *k);
MUST_CHECK enum err file_sink_write(struct file_sink *k, struct span bytes);
/* Blocks until the bytes are on disk. */
MUST_CHECK enum err file_sink_sync(struct file_sink *k);
/* Under its final name from now on; durable after file_store_sync. Closes the sink. */
MUST_CHECK enum err file_sink_publish(struct file_store *s, struct file_sink *k, const char *key);
/* Closes and deletes what was written; may block while a large file is freed. */
void file_sink_drop(struct file_store *s, struct file_sink *k);

MUST_CHECK enum err file_store_sync(struct file_store *s);
/* ERR_OK also when it was not there. */
MUST_CHECK enum err file_store_remove(struct file_store *s, const char *key);

#endif
