/* Fetch: the file of a completed job, from its link to its place on this disk. */
#ifndef LONGHAUL_CLI_FETCH_H
#define LONGHAUL_CLI_FETCH_H

#include "cli/cli.h"
#include "cli/progress.h"
#include "core/job.h"

enum { FETCH_FAILURES_MAX = 8 }; /* tries in a row that bring no byte: 78 s of waiting */

struct fetched {
    char *path; /* owned */
    uint64_t size_bytes;
    char sha256[SHA256_HEX_LEN + 1];
    bool sha256_checked; /* the server knew what it must be */
};

/* `output`: FILE or an existing folder. EXIT_DONE: `out->path` is to be freed. */
MUST_CHECK enum exit_code fetch_file(struct cli *c, const char *job, const char *output,
                                     struct progress *progress, struct fetched *out);
bool fetch_is_folder(const char *path);

#endif
