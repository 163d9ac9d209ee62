/* Part: a file that is being downloaded, FILE.part, with the bytes' digest as they come.
 *
 * FILE.part.etag beside it names which bytes they are (a strong ETag), so that a later call can
 * resume with If-Range; without it a part is begun anew. A lock keeps two calls off one part. The
 * part becomes FILE by a rename, after its bytes are on the disk. */
#ifndef LONGHAUL_CLI_PART_H
#define LONGHAUL_CLI_PART_H

#include "base/err.h"
#include "base/span.h"
#include "core/digest.h"
#include "core/source_headers.h"

#include <stdbool.h>
#include <stdint.h>

struct part {
    int fd;
    char *path, *etag_path; /* owned */
    uint64_t size;          /* bytes in it */
    char etag[ETAG_SIZE];   /* empty: unknown */
    struct digest digest;   /* of all of them */
};

/* Opens or makes it. ERR_EXISTS: another call is at it; ERR_IO: see errno. */
MUST_CHECK enum err part_open(const char *file, struct part *p);
/* Reads what is there into the digest. `go_on` may stop it: ERR_CLOSED. */
MUST_CHECK enum err part_take_stock(struct part *p, bool (*go_on)(void *self), void *self);
/* Empties it, for bytes that `etag` names (empty: no strong ETag). */
MUST_CHECK enum err part_begin(struct part *p, struct span etag);
MUST_CHECK enum err part_write(struct part *p, struct span bytes);
/* Writes the digest in hex. */
MUST_CHECK enum err part_digest(struct part *p, char hex[SHA256_HEX_LEN + 1]);
/* Makes it `file`. ERR_EXISTS: there is one, and `replace` is false. */
MUST_CHECK enum err part_finish(struct part *p, const char *file, bool replace);
void part_remove(struct part *p); /* the files; close it then */
void part_close(struct part *p);  /* keeps the files, but for an empty part */

#endif
