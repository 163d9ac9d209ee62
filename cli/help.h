/* Help: --help, of the program and of each command, from the tables. */
#ifndef LONGHAUL_CLI_HELP_H
#define LONGHAUL_CLI_HELP_H

#include "base/buf.h"
#include "cli/commands.h"

/* CMD_COUNT: the program's. The error sticks in `out`. */
void help_write(enum command_id command, struct buf *out);

#endif
