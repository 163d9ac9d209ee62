/* Lookup: the running catalogue, from a file's id to its source.
 *
 * Three kinds: a folder (ids by bytewise order of its files' names, read once), a JSON-lines file
 * (read again by the next lookup after it changed, off the loop if it is large; a changed file with
 * a bad line is refused and the old content stays), a URL template. The loop's thread only. */
#ifndef LONGHAUL_WORKERS_LOOKUP_H
#define LONGHAUL_WORKERS_LOOKUP_H

#include "base/err.h"
#include "core/catalogue.h"
#include "workers/options.h"
#include "workers/pool.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    LOOKUP_FILES_MAX = 100000,             /* of a folder */
    LOOKUP_LINES_MAX = 100000,             /* of a JSON-lines file */
    LOOKUP_LINES_BYTES_MAX = 64 * 1048576, /* of a JSON-lines file */
    LOOKUP_AT_ONCE_BYTES = 1048576,        /* a changed file up to this is read on the loop */
};

/* Spans live until the next lookup_find or lookup_turn. */
struct found {
    bool in_folder; /* `place` is a name below the --files folder, else a URL */
    struct span place;
    struct span file_name, content_type, class_name; /* empty: the catalogue does not say */
    int64_t size_bytes;                              /* -1 unknown */
    const unsigned char *sha256;                     /* NULL unknown */
};

struct lookup;

/* `config` and `pool` are borrowed. ERR_INVALID: it was logged what is wrong with the catalogue. */
MUST_CHECK enum err lookup_open(const struct worker_config *config, struct pool *pool,
                                struct lookup **out);
void lookup_close(struct lookup **l); /* after pool_stop */

/* ERR_NOT_FOUND: no such id. ERR_UNSUPPORTED: there is no catalogue. */
MUST_CHECK enum err lookup_find(struct lookup *l, uint64_t file_id, struct found *out);

#endif
