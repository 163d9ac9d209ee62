/* Options: one table per program says every setting. Flag over environment over default.
 *
 *     --redis-socket PATH     LONGHAUL_REDIS_SOCKET
 *
 * An environment variable is the flag in capitals with '_' for '-', after LONGHAUL_. A secret is
 * also read from the file that --NAME-file or LONGHAUL_NAME_FILE names (one trailing newline is
 * dropped). An unknown flag, a missing value, a number out of range: message and exit status 2. */
#ifndef LONGHAUL_BASE_OPTIONS_H
#define LONGHAUL_BASE_OPTIONS_H

#include "base/buf.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum option_type {
    OPTION_FLAG,   /* bool: --name, --no-name; environment 1/0/true/false */
    OPTION_TEXT,   /* const char *, into argv, environment, or the table */
    OPTION_NUMBER, /* int64_t between min and max */
    OPTION_SECRET, /* const char *, owned by the parsed options; never shown */
};

struct option_def {
    const char *name; /* without the dashes */
    enum option_type type;
    size_t offset;            /* of the field in the program's configuration struct */
    const char *default_text; /* NULL: flag off, text NULL, number 0 */
    int64_t min, max;         /* OPTION_NUMBER only */
    const char *value_name;   /* in --help: PATH, MS, N ... ; NULL for flags */
    const char *help;         /* one line, with the unit */
};

struct option_table {
    const char *program; /* longhaul-broker */
    const char *summary; /* one line for --help */
    const struct option_def *defs;
    size_t count;
};

enum options_outcome {
    OPTIONS_RUN,          /* go on */
    OPTIONS_CHECK_CONFIG, /* --check-config: validate all the program would, exit 0 or 2 */
    OPTIONS_EXIT_OK,      /* --help, --version: `message` goes to stdout, exit 0 */
    OPTIONS_EXIT_USAGE,   /* `message` goes to stderr, exit 2 */
};

/* Fills `config` (zeroed by the caller). `argv` and the environment must outlive it. */
enum options_outcome options_parse(const struct option_table *table, int argc, char *const *argv,
                                   void *config, struct buf *message);
/* Frees what OPTION_SECRET fields own, after wiping it. */
void options_clear(const struct option_table *table, void *config);

#endif
