/* Completion: scripts for the shells, from the same tables that parse the command line. */
#ifndef LONGHAUL_CLI_COMPLETION_H
#define LONGHAUL_CLI_COMPLETION_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

/* `shell`: bash, zsh or fish; ERR_NOT_FOUND for another one. Otherwise the error sticks in `out`.
 */
MUST_CHECK enum err completion_write(struct span shell, struct buf *out);

#endif
