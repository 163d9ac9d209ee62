/* longhaul: starts downloads on a Longhaul server, follows them and fetches the files. */
#include "cli/cli.h"
#include "cli/completion.h"
#include "cli/help.h"

#include <stdio.h>
#include <stdlib.h>

enum { MESSAGE_BYTES_MAX = 65536 };

static enum exit_code (*const runs[CMD_COUNT])(struct cli *c) = {
    [CMD_GET] = run_get,       [CMD_START] = run_start,           [CMD_STATUS] = run_status,
    [CMD_LIST] = run_list,     [CMD_CANCEL] = run_cancel,         [CMD_RETRY] = run_retry,
    [CMD_LINK] = run_link,     [CMD_HISTORY] = run_history,       [CMD_RM] = run_rm,
    [CMD_DOCTOR] = run_doctor, [CMD_COMPLETION] = run_completion,
};

static enum exit_code put(FILE *to, const struct buf *text, enum exit_code code)
{
    const size_t len = text->len;
    const bool written = len == 0 || fwrite(text->data, 1, len, to) == len;
    return written ? code : EXIT_LOCAL;
}

enum exit_code run_completion(struct cli *c)
{
    struct buf text;
    enum exit_code code = EXIT_USAGE;
    buf_init(&text, MESSAGE_BYTES_MAX);
    if (completion_write(span_of(c->args.words[0]), &text) == ERR_OK) {
        code = put(stdout, &text, EXIT_DONE);
    } else {
        terminal_error(&c->terminal, "completion takes bash, zsh or fish");
    }
    buf_clear(&text);
    return code;
}

static enum exit_code print_help(const struct cli *c)
{
    struct buf text;
    buf_init(&text, MESSAGE_BYTES_MAX);
    help_write(c->args.command, &text);
    const enum exit_code code = put(stdout, &text, EXIT_DONE);
    buf_clear(&text);
    return code;
}

static enum exit_code run(struct cli *c)
{
    terminal_open(&c->terminal, &c->args);
    if (c->args.version) {
        (void)puts("longhaul " LONGHAUL_VERSION);
        return EXIT_DONE;
    }
    if (c->args.help) {
        return print_help(c);
    }
    enum exit_code code = cli_check(c);
    if (code != EXIT_DONE || c->args.check_config) {
        return code;
    }
    code = cli_open(c);
    return code == EXIT_DONE ? runs[c->args.command](c) : code;
}

/* 128 + the signal, as shells count; a full disk behind stdout must not look like success. */
static int status_of(const struct cli *c, enum exit_code code)
{
    if (code == EXIT_INTERRUPTED && c->net != NULL && net_signal(c->net) != 0) {
        return 128 + net_signal(c->net);
    }
    if ((fflush(stdout) != 0 || ferror(stdout) != 0) && code == EXIT_DONE) {
        return EXIT_LOCAL;
    }
    return (int)code;
}

static const char *environment(const char *name)
{
    return getenv(name);
}

int main(int argc, char **argv)
{
    struct cli c = {.net = NULL};
    struct buf message;
    int status;
    buf_init(&message, MESSAGE_BYTES_MAX);
    if (args_parse(argc, argv, environment, &c.args, &message) == ERR_OK) {
        status = status_of(&c, run(&c));
    } else {
        status = (int)put(stderr, &message, EXIT_USAGE);
    }
    buf_clear(&message);
    cli_close(&c);
    return status;
}
