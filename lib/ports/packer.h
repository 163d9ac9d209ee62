/* Packer: files in, bytes of one artifact out, by libarchive. Streams: it keeps neither a file nor
 * the artifact, only what its compressor has not given out yet and, for zip, the directory at the
 * archive's end.
 *
 *     begin -> write … -> end     for each file (exactly one for gzip and zstd)
 *     finish                      after the last one
 *
 * Each call may add to the output, which its caller empties between calls.
 *
 * zip: deflate, names in UTF-8, sizes behind the data (data descriptors), zip64 where a size or
 * the archive needs it. tar: ustar, and pax headers where a name or a size does not fit into it.
 * gzip and zstd: the bare stream (RFC 1952, RFC 8878), without a name or a time.
 *
 * The same files give the same bytes: nothing of the machine, the user or the hour goes in. A zip
 * also has local times, which follow the process' time zone: programs set it to UTC
 * (workers/main.c).
 *
 * Blocks for as long as packing takes; for a pool thread. One thread at a time. */
#ifndef LONGHAUL_PORTS_PACKER_H
#define LONGHAUL_PORTS_PACKER_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "core/job.h"

#include <stdint.h>

enum {
    /* Bytes of output of one call: one of write's PACKER_WRITE_MAX that does not shrink, and
     * buffers of the compressor; or finish's directory of JOB_FILE_IDS_MAX long names. */
    PACKER_OUTPUT_MAX = 1048576,
    PACKER_WRITE_MAX = 262144,
    PACKER_NO_TIME_S = 315532800, /* 1980-01-01, where zip's time begins: stands for none */
};

struct packer_entry {
    const char *name;   /* one safe name, UTF-8 */
    int64_t size_bytes; /* -1 unknown; tar must know it */
    int64_t modified_s; /* -1: PACKER_NO_TIME_S */
};

struct packer;

/* `format` is not FORMAT_ORIGINAL. ERR_NOMEM. */
MUST_CHECK enum err packer_new(enum job_format format, struct packer **out);
void packer_destroy(struct packer **p); /* at any moment */

/* All: ERR_INTERNAL when libarchive refuses; nothing but destroy is allowed then. */
/* ERR_INVALID: a tar without the size. */
MUST_CHECK enum err packer_begin(struct packer *p, const struct packer_entry *e);
/* At most PACKER_WRITE_MAX. ERR_INVALID: more bytes than the entry's size. */
MUST_CHECK enum err packer_write(struct packer *p, struct span bytes);
/* ERR_INVALID: fewer bytes than the entry's size. */
MUST_CHECK enum err packer_end(struct packer *p);
MUST_CHECK enum err packer_finish(struct packer *p);

struct span packer_output(const struct packer *p); /* until the next call */
void packer_taken(struct packer *p);               /* the output was used */

#endif
