/* Lookup lines: the content of one JSON-lines catalogue file, read whole. Any thread. */
#ifndef LONGHAUL_WORKERS_LOOKUP_LINES_H
#define LONGHAUL_WORKERS_LOOKUP_LINES_H

#include "base/err.h"
#include "core/catalogue.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct lookup_lines;

/* Logs the line that is wrong. ERR_INVALID, ERR_IO, ERR_NOMEM. */
MUST_CHECK enum err lookup_lines_read(const char *path, struct lookup_lines **out);
void lookup_lines_destroy(struct lookup_lines **l); /* NULL inside is fine */
const struct catalogue_entry *lookup_lines_find(const struct lookup_lines *l, uint64_t file_id);
size_t lookup_lines_count(const struct lookup_lines *l);
/* Whether `st` is still the file that was read. */
bool lookup_lines_same(const struct lookup_lines *l, const struct stat *st);

#endif
