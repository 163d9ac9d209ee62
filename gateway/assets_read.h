/* Assets, their reading: walks a folder and hands over each file's bytes. Only for assets.c. */
#ifndef LONGHAUL_GATEWAY_ASSETS_READ_H
#define LONGHAUL_GATEWAY_ASSETS_READ_H

#include "base/err.h"

#include <stddef.h>

/* `path` is the file's in the folder; takes `bytes`, which are never NULL. */
typedef enum err assets_reader(void *context, const char *path, char *bytes, size_t len);

/* Ends with the first error: the reader's, ERR_NOT_FOUND (no folder), ERR_TOO_LARGE (depth, path or
 * a file over ASSETS_BYTES_MAX), ERR_IO, ERR_NOMEM. Why is logged, but for the reader's. */
MUST_CHECK enum err assets_read(const char *folder, assets_reader *reader, void *context);

#endif
