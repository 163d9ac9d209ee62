/* Pack names: what a packed artifact is called, and what the files inside it are called.
 *
 *     format   artifact of report.pdf   media type                  registered by
 *     gzip     report.pdf.gz            application/gzip            RFC 6713
 *     zstd     report.pdf.zst           application/zstd            RFC 8878 §7
 *     zip      report.pdf.zip           application/zip
 *     tar      report.pdf.tar           application/x-tar
 *
 * A name that the user chose (options.fileName) is nobody's to change and gets no extension; the
 * media type always follows the format.
 *
 * Inside an archive every name is one that file_name_sanitise gives: no folder, no "..", no control
 * character, valid UTF-8. The second file of a name becomes "name (2).ext", also when the first
 * differs only in the case of ASCII letters, because Windows and macOS would overwrite it. */
#ifndef LONGHAUL_CORE_PACK_NAMES_H
#define LONGHAUL_CORE_PACK_NAMES_H

#include "base/span.h"
#include "core/job.h"
#include "core/source_names.h"

#include <stddef.h>
#include <stdint.h>

const char *pack_content_type(enum job_format format); /* not for FORMAT_ORIGINAL */
/* `name` and the format's extension, cut to JOB_FILE_NAME_MAX at a character. "" is "download". */
void pack_artifact_name(enum job_format format, const char *name, char out[FILE_NAME_SIZE]);

enum { PACK_NAMES_SLOTS = 2048 }; /* a power of two, twice JOB_FILE_IDS_MAX */

/* The names that one archive has so far, as 64-bit fingerprints: 16 KiB where the names could be
 * 250. Two names with one fingerprint only cost the second its plain form. */
struct pack_names {
    uint64_t taken[PACK_NAMES_SLOTS]; /* 0: free */
    size_t count;                     /* at most JOB_FILE_IDS_MAX */
};

void pack_names_init(struct pack_names *n);
/* The name in the archive for a file that is called `name` ("": nobody said; then file-<id>). */
void pack_names_take(struct pack_names *n, const char *name, uint64_t file_id,
                     char out[FILE_NAME_SIZE]);

#endif
