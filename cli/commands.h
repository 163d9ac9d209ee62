/* Commands: the table of what `longhaul` can do, as text. Parsing, --help and the completions of
 * the shells are made from it; cli/main.c binds each command to its function. */
#ifndef LONGHAUL_CLI_COMMANDS_H
#define LONGHAUL_CLI_COMMANDS_H

#include "base/span.h"

#include <stddef.h>

enum command_id {
    CMD_GET,
    CMD_START,
    CMD_STATUS,
    CMD_LIST,
    CMD_CANCEL,
    CMD_RETRY,
    CMD_LINK,
    CMD_HISTORY,
    CMD_RM,
    CMD_DOCTOR,
    CMD_COMPLETION,
    CMD_COUNT
};

enum { WORDS_MAX = 1000 }; /* as many as one request may name files */

struct command {
    const char *name;
    const char *words; /* "ID..." for --help; "" for none */
    size_t words_min, words_max;
    const char *summary; /* one line */
    const char *about;   /* what else --help says; ends with a newline */
};

extern const struct command commands[CMD_COUNT];

/* CMD_COUNT if there is none of this name. */
enum command_id command_find(struct span name);

#endif
