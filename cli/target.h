/* Target: where a downloaded file goes. Names from a server are outside input: none of them leads
 * out of the folder that the user chose. Pure. */
#ifndef LONGHAUL_CLI_TARGET_H
#define LONGHAUL_CLI_TARGET_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "core/job.h"

#include <stdbool.h>

/* True for a name that stands for a file in its folder: no separator, not "." or "..", no NUL. */
bool target_name_stays(struct span name);

/* The first that can be used: `file_name` of the API, what Content-Disposition says, "download".
 * Names that would leave the folder are refused; others are made safe for every common file system
 * (core/file_name.h). Empty spans: not known. Points into `out`. */
struct span target_name(struct span file_name, struct span disposition,
                        char out[JOB_FILE_NAME_MAX + 1]);

/* FOLDER/NAME; for `copy` > 0 "NAME (copy).EXT". The error sticks in `out`. */
void target_path(struct span folder, struct span name, unsigned copy, struct buf *out);

#endif
