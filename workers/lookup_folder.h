/* Lookup folder: the files of one folder as a catalogue; id 1 is the first by bytewise order. */
#ifndef LONGHAUL_WORKERS_LOOKUP_FOLDER_H
#define LONGHAUL_WORKERS_LOOKUP_FOLDER_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct lookup_folder;

/* Regular files only, no links, no hidden ones. Logs the list. ERR_IO, ERR_TOO_LARGE, ERR_NOMEM. */
MUST_CHECK enum err lookup_folder_read(const char *path, struct lookup_folder **out);
void lookup_folder_destroy(struct lookup_folder **f); /* NULL inside is fine */
const char *lookup_folder_find(const struct lookup_folder *f, uint64_t file_id); /* NULL: none */

#endif
