/* longhaul cancel, retry, rm: one request for each job. And longhaul link. */
#include "cli/api.h"

#include <stdio.h>
#include <stdlib.h>

/* What a command asks for, and how it says that it was done. */
struct order {
    const char *method;
    const char *path; /* the job goes behind it */
    const char *done; /* when the answer has no status */
    bool not_repeatable;
};

static void print_done(struct cli *c, const struct order *o, const char *job, const json_t *reply)
{
    const char *state = api_text(reply, "status");
    char line[160];
    if (c->args.json && reply != NULL) {
        cli_print_json(c, reply);
    } else if (c->args.json) {
        json_t *made = json_pack("{s:s, s:b}", "jobId", job, o->done, 1);
        cli_print_json(c, made);
        json_decref(made);
    } else {
        (void)snprintf(line, sizeof line, "%s  %s", job, state != NULL ? state : o->done);
        terminal_result(&c->terminal, span_of(line));
    }
}

/* With --json a refusal too is a line on stdout: the job, and the server's problem document. */
static void print_refusal(struct cli *c, const char *job, enum exit_code code)
{
    if (!c->args.json) {
        return;
    }
    json_t *made = json_pack("{s:s, s:o}", "jobId", job, "error", cli_error(c, code));
    cli_print_json(c, made);
    json_decref(made);
}

static enum exit_code order_one(struct cli *c, const struct order *o, const char *job)
{
    char path[128];
    struct api_reply reply;
    api_reply_init(&reply);
    const int cut = snprintf(path, sizeof path, "%s%s", o->path, job);
    const struct api_request q = {
        .method = o->method, .path = path, .about = job, .not_repeatable = o->not_repeatable};
    enum exit_code code = EXIT_USAGE;
    if (cut > 0 && (size_t)cut < sizeof path) {
        code = api_call(c, &q, &reply);
    }
    if (code == EXIT_DONE) {
        print_done(c, o, job, reply.json);
    } else if (reply.head.status != 0) {
        print_refusal(c, job, code);
    }
    api_reply_clear(&reply);
    return code;
}

/* A refusal for one job does not keep the others back; the first failure is the call's. */
static enum exit_code order_all(struct cli *c, const struct order *o)
{
    enum exit_code first = EXIT_DONE;
    if (!cli_jobs_good(c)) {
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < c->args.words_count; i++) {
        const enum exit_code code = order_one(c, o, c->args.words[i]);
        first = first == EXIT_DONE ? code : first;
        if (code == EXIT_INTERRUPTED || code == EXIT_UNREACHABLE) {
            return code;
        }
    }
    return first;
}

enum exit_code run_cancel(struct cli *c)
{
    return order_all(c, &(struct order){"POST", "/cancel/", "canceled", false});
}

enum exit_code run_retry(struct cli *c)
{
    return order_all(c, &(struct order){"POST", "/retry/", "queued", true});
}

enum exit_code run_rm(struct cli *c)
{
    return order_all(c, &(struct order){"DELETE", "/", "removed", true});
}

static enum exit_code print_link(struct cli *c, json_t *reply)
{
    char *url = NULL;
    const char *said = api_text(reply, "url");
    if (said == NULL || net_url_resolve(c->base, said, &url) != ERR_OK) {
        terminal_error(&c->terminal, "the server gave no usable link");
        return EXIT_UNREACHABLE;
    }
    if (c->args.json) {
        (void)json_object_set_new(reply, "url", json_string(url));
        cli_print_json(c, reply);
    } else {
        terminal_result(&c->terminal, span_of(url));
    }
    free(url);
    return EXIT_DONE;
}

enum exit_code run_link(struct cli *c)
{
    char path[128];
    struct api_reply reply;
    if (!cli_jobs_good(c)) {
        return EXIT_USAGE;
    }
    api_reply_init(&reply);
    (void)snprintf(path, sizeof path, "/%s?redirect=0", c->args.words[0]);
    const struct api_request q = {.method = "GET", .path = path};
    enum exit_code code = api_call(c, &q, &reply);
    if (code == EXIT_DONE) {
        code = print_link(c, reply.json);
    }
    api_reply_clear(&reply);
    return code;
}
