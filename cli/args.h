/* Args: the command line as a struct, from one table of options.
 *
 *     longhaul [GLOBAL OPTION]... COMMAND [OPTION or WORD]... [-- WORD...]
 *
 * Options may stand before and after words; --name=value and --name value are the same. Flag over
 * environment over default. Pure: the environment is a parameter. */
#ifndef LONGHAUL_CLI_ARGS_H
#define LONGHAUL_CLI_ARGS_H

#include "base/buf.h"
#include "base/err.h"
#include "cli/commands.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All text points into argv or the environment. Numbers are -1 where not given. */
struct args {
    enum command_id command;
    const char **words; /* owned; see args_clear */
    size_t words_count;
    bool help, version, check_config;
    const char *url, *token, *token_file, *user;
    bool url_given; /* as a flag, not by the environment */
    bool json, quiet, no_progress;
    int64_t timeout_s;
    const char *output, *job, *file_name, *format, *sha256, *simulate, *key;
    int64_t priority, delay_s, job_timeout_s, max_attempts;
    bool archive;
    bool watch;
    const char *status, *cursor;
    int64_t limit;
    bool all;
    const char *admin_url;
};

enum arg_kind { ARG_SWITCH, ARG_TEXT, ARG_LIST /* of choices, joined by commas */, ARG_NUMBER };

struct arg_def {
    const char *name; /* without dashes */
    char letter;      /* 0: none */
    enum arg_kind kind;
    size_t offset;     /* in struct args */
    unsigned commands; /* bits of enum command_id; ARG_GLOBAL: all, also before the command */
    int64_t min, max;  /* ARG_NUMBER */
    const char *value_name;
    const char *choices;  /* words that are allowed, with a space between; NULL: any */
    const char *variable; /* of the environment; NULL: none */
    const char *help;
};

#define ARG_GLOBAL (~0U)

extern const struct arg_def arg_defs[];
extern const size_t arg_defs_count;

/* Calls `next` for each word of a list with spaces between; false at the end. */
bool choice_next(const char **rest, struct span *word);

typedef const char *(*args_env)(const char *name); /* as getenv */

/* ERR_INVALID: `message` says what is wrong, for stderr and exit code 2. Either way `out` is to be
 * cleared. With help, version or check_config set, words are not counted. */
MUST_CHECK enum err args_parse(int argc, char *const *argv, args_env env, struct args *out,
                               struct buf *message);
void args_clear(struct args *a);

#endif
