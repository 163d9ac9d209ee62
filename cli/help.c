#include "cli/help.h"

#include "cli/args.h"

enum { COLUMN = 32 };

static void pad(struct buf *out, size_t start)
{
    const size_t width = out->len - start;
    (void)buf_printf(out, "%*s", width + 2 < COLUMN ? (int)(COLUMN - width) : 2, "");
}

static void write_option(const struct arg_def *def, struct buf *out)
{
    const size_t start = out->len;
    if (def->letter != 0) {
        (void)buf_printf(out, "  -%c, --%s", def->letter, def->name);
    } else {
        (void)buf_printf(out, "      --%s", def->name);
    }
    if (def->value_name != NULL) {
        (void)buf_printf(out, " %s", def->value_name);
    }
    pad(out, start);
    (void)buf_text(out, def->help);
    if (def->variable != NULL) {
        (void)buf_printf(out, " [%s]", def->variable);
    }
    (void)buf_char(out, '\n');
}

static void write_options(enum command_id command, bool global, struct buf *out)
{
    for (size_t i = 0; i < arg_defs_count; i++) {
        const struct arg_def *def = &arg_defs[i];
        const bool is_global = def->commands == ARG_GLOBAL;
        if (is_global == global && (global || (def->commands & (1U << (unsigned)command)) != 0)) {
            write_option(def, out);
        }
    }
}

static void write_program(struct buf *out)
{
    (void)buf_text(out,
                   "Usage: longhaul COMMAND [OPTION]... [WORD]...\n"
                   "Starts downloads on a Longhaul server, follows them and fetches the files.\n"
                   "\nCommands:\n");
    for (int i = 0; i < CMD_COUNT; i++) {
        const size_t start = out->len;
        (void)buf_printf(out, "  %s %s", commands[i].name, commands[i].words);
        pad(out, start);
        (void)buf_printf(out, "%s\n", commands[i].summary);
    }
    (void)buf_text(out, "\nOptions of all commands:\n");
}

static void write_command(enum command_id command, struct buf *out)
{
    const struct command *c = &commands[command];
    (void)buf_printf(out, "Usage: longhaul %s [OPTION]...%s%s\n%s.\n%s", c->name,
                     c->words[0] != '\0' ? " " : "", c->words, c->summary, c->about);
    const size_t start = out->len;
    (void)buf_text(out, "\nOptions:\n");
    const size_t empty = out->len;
    write_options(command, false, out);
    if (out->len == empty) {
        out->len = start;
    }
    (void)buf_text(out, "\nOptions of all commands:\n");
}

void help_write(enum command_id command, struct buf *out)
{
    if (command == CMD_COUNT) {
        write_program(out);
    } else {
        write_command(command, out);
    }
    write_options(command, true, out);
    (void)buf_text(out,
                   "\nExit codes: 0 done, 1 the job failed or was canceled, 2 wrong usage, 3 the "
                   "server said no,\n4 no answer or 5xx after all tries, 5 verification failed, "
                   "6 a file could not be written,\n130 interrupted.\n");
    if (command == CMD_COUNT) {
        (void)buf_text(out, "See longhaul COMMAND --help, and longhaul(1).\n");
    }
}
