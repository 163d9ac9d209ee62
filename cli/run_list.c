/* longhaul list and longhaul history. */
#include "cli/api.h"
#include "cli/job_text.h"
#include "core/percent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES_MAX = 8192, PAGES_MAX = 10000 };

static void add_query(struct buf *path, const char *name, const char *value)
{
    if (value != NULL) {
        (void)buf_char(path, memchr(path->data, '?', path->len) == NULL ? '?' : '&');
        (void)buf_printf(path, "%s=", name);
        percent_encode(path, span_of(value));
    }
}

/* Owned; NULL: too long. */
static char *list_path(const struct cli *c, const char *cursor)
{
    struct buf path;
    buf_init(&path, PATH_BYTES_MAX);
    (void)buf_text(&path, "/jobs");
    add_query(&path, "userId", c->args.user);
    add_query(&path, "status", c->args.status);
    if (c->args.limit > 0) {
        char number[24];
        (void)snprintf(number, sizeof number, "%lld", (long long)c->args.limit);
        add_query(&path, "limit", number);
    }
    add_query(&path, "cursor", cursor);
    char *out = buf_error(&path) == ERR_OK ? strndup(path.data, path.len) : NULL;
    buf_clear(&path);
    return out;
}

typedef void (*row_writer)(const json_t *object, struct buf *out);

static void print_rows(struct cli *c, const json_t *rows, row_writer write)
{
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row)
    {
        struct buf text;
        if (c->args.json) {
            cli_print_json(c, row);
            continue;
        }
        buf_init(&text, JOB_TEXT_BYTES_MAX);
        write(row, &text);
        terminal_result(&c->terminal, buf_as_span(&text));
        buf_clear(&text);
    }
}

static void print_head(struct cli *c, const char *head)
{
    if (!c->args.json) {
        terminal_result(&c->terminal, span_of(head));
    }
}

/* One page; *cursor becomes the next one's, NULL at the end. */
static enum exit_code list_page(struct cli *c, char **cursor, bool first)
{
    struct api_reply reply;
    api_reply_init(&reply);
    char *path = list_path(c, *cursor);
    free(*cursor);
    *cursor = NULL;
    enum exit_code code = EXIT_USAGE;
    if (path != NULL) {
        const struct api_request q = {.method = "GET", .path = path};
        code = api_call(c, &q, &reply);
    } else {
        terminal_error(&c->terminal, "the user or the cursor is too long");
    }
    if (code == EXIT_DONE) {
        const char *next = api_text(reply.json, "nextCursor");
        if (first) {
            print_head(c, job_text_row_head);
        }
        print_rows(c, json_object_get(reply.json, "jobs"), job_text_row);
        *cursor = next != NULL ? strdup(next) : NULL;
    }
    free(path);
    api_reply_clear(&reply);
    return code;
}

enum exit_code run_list(struct cli *c)
{
    char *cursor = c->args.cursor != NULL ? strdup(c->args.cursor) : NULL;
    enum exit_code code = list_page(c, &cursor, true);
    for (int i = 1; code == EXIT_DONE && c->args.all && cursor != NULL && i < PAGES_MAX; i++) {
        code = list_page(c, &cursor, false);
    }
    if (code == EXIT_DONE && cursor != NULL) {
        terminal_note(&c->terminal, "There are more: --cursor %s, or --all", cursor);
    }
    free(cursor);
    return code;
}

enum exit_code run_history(struct cli *c)
{
    char path[128];
    struct api_reply reply;
    if (!cli_jobs_good(c)) {
        return EXIT_USAGE;
    }
    api_reply_init(&reply);
    (void)snprintf(path, sizeof path, "/%s/history", c->args.words[0]);
    const struct api_request q = {.method = "GET", .path = path};
    const enum exit_code code = api_call(c, &q, &reply);
    if (code == EXIT_DONE) {
        print_head(c, job_text_event_head);
        print_rows(c, json_object_get(reply.json, "events"), job_text_event);
    }
    api_reply_clear(&reply);
    return code;
}
