#include "cli/cli.h"

#include "base/clock.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_BYTES_MAX = 16384, JOB_WORD_MIN = 20, JOB_WORD_MAX = 64 };

/* The first line of the file. */
static enum exit_code read_token(struct cli *c, const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = calloc(1, TOKEN_BYTES_MAX + 1);
    size_t len = 0;
    if (file != NULL && text != NULL) {
        len = fread(text, 1, TOKEN_BYTES_MAX, file);
        text[strcspn(text, "\r\n")] = '\0';
    }
    if (len == 0) {
        terminal_error(&c->terminal, "the token file %s: %s", path,
                       file == NULL ? strerror(errno) : "it is empty");
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    c->token = text;
    return len > 0 ? EXIT_DONE : EXIT_USAGE;
}

/* RFC 6750 §2.1. */
static bool token_good(const char *token)
{
    const size_t len = strlen(token);
    for (size_t i = 0; i < len; i++) {
        if (!isalnum((unsigned char)token[i]) && strchr("-._~+/=", token[i]) == NULL) {
            return false;
        }
    }
    return len > 0;
}

static enum exit_code take_token(struct cli *c)
{
    if (c->args.token_file != NULL) {
        const enum exit_code code = read_token(c, c->args.token_file);
        if (code != EXIT_DONE) {
            return code;
        }
    } else if (c->args.token != NULL) {
        c->token = strdup(c->args.token);
    }
    if (c->token != NULL && !token_good(c->token)) {
        terminal_error(&c->terminal, "the token has characters that no bearer token has");
        return EXIT_USAGE;
    }
    return EXIT_DONE;
}

static bool url_good(struct cli *c, const char *url)
{
    const bool good = net_url_good(url);
    if (!good) {
        terminal_error(&c->terminal, "%s is no http or https URL of a server", url);
    }
    return good;
}

enum exit_code cli_check(struct cli *c)
{
    if (!url_good(c, c->args.url) ||
        (c->args.admin_url != NULL && !url_good(c, c->args.admin_url))) {
        return EXIT_USAGE;
    }
    size_t len = strlen(c->args.url);
    while (len > 0 && c->args.url[len - 1] == '/') {
        len--;
    }
    c->base = strndup(c->args.url, len);
    return c->base != NULL ? take_token(c) : EXIT_LOCAL;
}

enum exit_code cli_open(struct cli *c)
{
    const int64_t limit_s = c->args.timeout_s;
    id_source_init(&c->ids);
    if (net_open(limit_s > 0 ? clock_mono_ms() + limit_s * 1000 : 0, &c->net) != ERR_OK) {
        terminal_error(&c->terminal, "cannot start: %s", strerror(errno));
        return EXIT_LOCAL;
    }
    return EXIT_DONE;
}

void cli_close(struct cli *c)
{
    terminal_erase(&c->terminal);
    net_close(&c->net);
    free(c->base);
    json_decref(c->refusal);
    if (c->token != NULL) {
        explicit_bzero(c->token, strlen(c->token));
    }
    free(c->token);
    args_clear(&c->args);
}

void cli_print_json(struct cli *c, const json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);
    if (text != NULL) {
        terminal_erase(&c->terminal);
        (void)puts(text); /* as it is: a machine reads it */
        (void)fflush(stdout);
    }
    free(text);
}

json_t *cli_error(struct cli *c, enum exit_code code)
{
    static const struct {
        enum exit_code code;
        const char *name, *title;
    } own[] = {
        {EXIT_USAGE, "USAGE", "The command line or a setting is wrong"},
        {EXIT_REFUSED, "LINK_REFUSED", "The link to the file was refused"},
        {EXIT_UNREACHABLE, "NO_ANSWER", "There was no usable answer of the server"},
        {EXIT_UNVERIFIED, "VERIFICATION_FAILED", "What came is not what the server promised"},
        {EXIT_LOCAL, "NOT_WRITTEN", "The file could not be written"},
        {EXIT_INTERRUPTED, "INTERRUPTED", "The command was interrupted"},
    };
    json_t *error = c->refusal;
    c->refusal = NULL;
    for (size_t i = 0; error == NULL && i < sizeof own / sizeof own[0]; i++) {
        if (own[i].code == code) {
            error = json_pack("{s:s, s:s}", "code", own[i].name, "title", own[i].title);
        }
    }
    return error != NULL ? error : json_pack("{s:i}", "exit", (int)code);
}

static bool job_word(const char *job)
{
    const size_t len = strlen(job);
    for (size_t i = 0; i < len; i++) {
        if (!isalnum((unsigned char)job[i]) && job[i] != '-' && job[i] != '_') {
            return false;
        }
    }
    return len >= JOB_WORD_MIN && len <= JOB_WORD_MAX;
}

bool cli_job_good(struct cli *c, const char *job)
{
    const bool good = job_word(job);
    if (!good) {
        terminal_error(&c->terminal, "%s is no job id", job);
    }
    return good;
}

bool cli_jobs_good(struct cli *c)
{
    for (size_t i = 0; i < c->args.words_count; i++) {
        if (!cli_job_good(c, c->args.words[i])) {
            return false;
        }
    }
    return true;
}

enum exit_code cli_net_failed(struct cli *c, enum net_end end)
{
    switch (end) {
    case NET_INTERRUPTED:
        terminal_hint(&c->terminal, "interrupted");
        return EXIT_INTERRUPTED;
    case NET_TIMED_OUT:
        terminal_error(&c->terminal, "gave up after %lld s (--timeout)",
                       (long long)c->args.timeout_s);
        return EXIT_UNREACHABLE;
    case NET_DONE:
    case NET_NEVER_SENT:
    case NET_BROKEN:
    case NET_STOPPED:
        break;
    }
    terminal_error(&c->terminal, "%s: %s", c->base, net_error(c->net));
    return EXIT_UNREACHABLE;
}
