/* Spool: a file whose source does not say its size, kept on disk until all of it is there. Then it
 * is a source that says so.
 *
 *     spool_new -> add … -> replay
 *
 * For tars, which name a file's size before its first byte. The file lies in the store's folder for
 * unfinished things and has no name: it goes with its descriptor, also after kill -9.
 *
 * Limit: `bytes_max` each. Writes and reads are those of a sink and of a local file, in the loop's
 * turns. On the loop's thread. */
#ifndef LONGHAUL_WORKERS_SPOOL_H
#define LONGHAUL_WORKERS_SPOOL_H

#include "base/err.h"
#include "base/span.h"
#include "ports/sink_file.h"
#include "ports/source.h"

#include <stdint.h>

struct spool;

/* ERR_UNAVAILABLE: the disk refuses; ERR_NOMEM. */
MUST_CHECK enum err spool_new(struct file_store *store, const char *key, uint64_t bytes_max,
                              struct spool **out);
void spool_destroy(struct spool **s);
/* ERR_TOO_LARGE, ERR_UNAVAILABLE: it is of no more use. */
MUST_CHECK enum err spool_add(struct spool *s, struct span bytes);
/* What was added, as a source without a name, last changed at `modified_s`, that takes the spool
 * with it. */
struct source *spool_replay(struct spool **s, const struct source_listener *listener,
                            int64_t modified_s);

#endif
