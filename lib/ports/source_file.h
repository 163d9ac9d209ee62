/* Source file: regular files below one folder.
 *
 * The kernel resolves the name beneath the folder (openat2(2), RESOLVE_BENEATH), so neither ".."
 * nor a symbolic link leads out of it. A file that changes while it is read ends in a fault. */
#ifndef LONGHAUL_PORTS_SOURCE_FILE_H
#define LONGHAUL_PORTS_SOURCE_FILE_H

#include "base/err.h"
#include "base/span.h"
#include "ports/source.h"

struct file_root;

/* ERR_NOT_FOUND when `folder` is not a readable folder. */
MUST_CHECK enum err file_root_open(const char *folder, struct file_root **out);
void file_root_close(struct file_root **r); /* after all of its sources */

/* `name` is relative to the root. Opens nothing yet: all faults come through `end`, in a turn. */
MUST_CHECK enum err source_file_new(struct file_root *root, struct span name,
                                    const struct source_listener *listener, struct source **out);

/* Of the regular file that a source would read; -1 when there is none. */
int64_t source_file_size(struct file_root *root, struct span name);

/* The name below `root_path` of a file: URL ("file:///data/a%20b" under "/data" -> "a b"), as a new
 * NUL-terminated string that the caller frees. ERR_DENIED when it is outside, ERR_INVALID when it
 * is not such a URL. */
MUST_CHECK enum err source_file_url_name(struct span url, struct span root_path, char **out);

#endif
