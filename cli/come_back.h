/* Come back: the command that takes up what was interrupted. Pure. */
#ifndef LONGHAUL_CLI_COME_BACK_H
#define LONGHAUL_CLI_COME_BACK_H

#include "base/buf.h"
#include "cli/args.h"

/* Appends: longhaul get --job JOB -o FILE [--url URL]. The error sticks in `out`. */
void come_back_write(const struct args *args, const char *job, struct buf *out);
/* Appends one word as a POSIX shell reads it: quoted where it has to be. */
void come_back_quote(struct span word, struct buf *out);

#endif
