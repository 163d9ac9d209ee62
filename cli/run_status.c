/* longhaul status: one look, or every change. */
#include "cli/api.h"
#include "cli/follow.h"
#include "cli/job_text.h"

#include <stdio.h>
#include <string.h>

static void print(struct cli *c, const json_t *status, bool brief)
{
    if (c->args.json) {
        cli_print_json(c, status);
        return;
    }
    struct buf text;
    buf_init(&text, JOB_TEXT_BYTES_MAX);
    if (brief) {
        job_text_change(status, &text);
    } else {
        job_text_full(status, &text);
    }
    terminal_result(&c->terminal, buf_as_span(&text));
    buf_clear(&text);
}

/* Without --json progress alone is the bar's affair, not a line's. */
struct watcher {
    struct cli *cli;
    char before[32];
    bool any;
};

static void on_change(void *self, const json_t *status)
{
    struct watcher *w = self;
    const char *state = api_text(status, "status");
    const struct span now = span_of(state);
    if (!w->cli->args.json && w->any && span_eq(now, span_of(w->before))) {
        return;
    }
    w->any = true;
    if (span_copy(now, w->before, sizeof w->before) != ERR_OK) {
        w->before[0] = '\0';
    }
    print(w->cli, status, true);
}

static enum exit_code watch(struct cli *c, const char *job)
{
    struct progress progress;
    struct watcher w = {.cli = c};
    progress_init(&progress, &c->terminal);
    struct follow f = {
        .cli = c, .job = job, .progress = &progress, .changed = on_change, .self = &w};
    enum exit_code code = follow_job(&f);
    if (code == EXIT_DONE) {
        const char *state = api_text(f.last, "status");
        code = state != NULL && strcmp(state, "completed") == 0 ? EXIT_DONE : EXIT_JOB;
    } else if (code == EXIT_INTERRUPTED) {
        terminal_hint(&c->terminal,
                      "The job %s goes on. To come back:\n"
                      "  longhaul status %s --watch",
                      job, job);
    }
    follow_clear(&f);
    return code;
}

enum exit_code run_status(struct cli *c)
{
    const char *job = c->args.words[0];
    if (!cli_job_good(c, job)) {
        return EXIT_USAGE;
    }
    if (c->args.watch) {
        return watch(c, job);
    }
    char path[128];
    struct api_reply reply;
    api_reply_init(&reply);
    (void)snprintf(path, sizeof path, "/status/%s", job);
    const struct api_request q = {.method = "GET", .path = path};
    const enum exit_code code = api_call(c, &q, &reply);
    if (code == EXIT_DONE) {
        print(c, reply.json, false);
    }
    api_reply_clear(&reply);
    return code;
}
