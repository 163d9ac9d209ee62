/* longhaul get: start, follow, download. */
#include "cli/api.h"
#include "cli/come_back.h"
#include "cli/fetch.h"
#include "cli/follow.h"
#include "cli/start.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HINT_BYTES_MAX = 8192 };

static void say_how_to_come_back(struct cli *c, const char *job)
{
    struct buf text;
    buf_init(&text, HINT_BYTES_MAX);
    come_back_write(&c->args, job, &text);
    terminal_hint(&c->terminal, "The job %s goes on. To come back:\n  %.*s", job,
                  SPAN_ARG(buf_as_span(&text)));
    buf_clear(&text);
}

/* What the line of --json tells of one file. */
struct outcome {
    const char *job;            /* NULL: none was started */
    const json_t *ids;          /* NULL with --job */
    const json_t *status;       /* the newest that was heard; NULL: none */
    const struct fetched *file; /* NULL: it is not there */
    enum exit_code code;
};

static void put_file(json_t *line, const struct fetched *file)
{
    (void)json_object_set_new(line, "path", json_string(file->path));
    (void)json_object_set_new(line, "size", json_integer((json_int_t)file->size_bytes));
    (void)json_object_set_new(line, "sha256", json_string(file->sha256));
    (void)json_object_set_new(line, "verified", json_boolean(file->sha256_checked));
}

/* Only with --json. */
static void print_json(struct cli *c, const struct outcome *o)
{
    if (!c->args.json) {
        return;
    }
    json_t *line = json_object();
    const char *names[] = {"status", "file_id", "error"};
    if (o->job != NULL) {
        (void)json_object_set_new(line, "jobId", json_string(o->job));
    }
    start_name_ids(o->ids, line);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        json_t *value = json_object_get(o->status, names[i]);
        if (value != NULL) {
            (void)json_object_set(line, names[i], value);
        }
    }
    if (o->file != NULL) {
        put_file(line, o->file);
    } else if (o->code != EXIT_JOB) { /* that one's error is the job's */
        (void)json_object_set_new(line, "error", cli_error(c, o->code));
    }
    cli_print_json(c, line);
    json_decref(line);
}

static void complain_of_job(struct cli *c, const char *job, const json_t *status)
{
    const json_t *error = json_object_get(status, "error");
    const char *code = api_text(error, "code");
    const char *message = api_text(error, "message");
    const char *state = api_text(status, "status");
    if (code != NULL) {
        terminal_error(&c->terminal, "job %s failed: %s: %s", job, code,
                       message != NULL ? message : "");
    } else {
        terminal_error(&c->terminal, "job %s: %s", job, state != NULL ? state : "ended");
    }
}

static enum exit_code save(struct cli *c, const struct follow *f, struct fetched *file)
{
    const char *output = c->args.output != NULL ? c->args.output : ".";
    const enum exit_code code = fetch_file(c, f->job, output, f->progress, file);
    if (code != EXIT_DONE) {
        return code;
    }
    terminal_erase(&c->terminal);
    if (!file->sha256_checked) {
        terminal_note(&c->terminal, "the server knows no SHA-256 of this file: only its size was "
                                    "checked");
    }
    if (!c->args.json) {
        terminal_result(&c->terminal, span_of(file->path));
    }
    return EXIT_DONE;
}

static enum exit_code follow_and_save(struct cli *c, const char *job, const json_t *ids)
{
    struct progress progress;
    struct fetched file = {.path = NULL};
    progress_init(&progress, &c->terminal);
    struct follow f = {.cli = c, .job = job, .progress = &progress};
    enum exit_code code = follow_job(&f);
    if (code == EXIT_DONE) {
        const char *state = api_text(f.last, "status");
        if (state != NULL && strcmp(state, "completed") == 0) {
            code = save(c, &f, &file);
        } else {
            complain_of_job(c, job, f.last);
            code = EXIT_JOB;
        }
    }
    terminal_erase(&c->terminal);
    print_json(c, &(struct outcome){job, ids, f.last, code == EXIT_DONE ? &file : NULL, code});
    if (code == EXIT_INTERRUPTED || code == EXIT_UNREACHABLE || code == EXIT_LOCAL) {
        say_how_to_come_back(c, job);
    }
    free(file.path);
    follow_clear(&f);
    return code;
}

static enum exit_code get_one(struct cli *c, const json_t *ids)
{
    char job[JOB_TEXT_SIZE];
    const enum exit_code code = start_job(c, ids, job);
    if (code != EXIT_DONE) {
        print_json(c, &(struct outcome){.ids = ids, .code = code});
        return code;
    }
    terminal_note(&c->terminal, "job %s", job);
    return follow_and_save(c, job, ids);
}

/* The first failure is the call's; one file's failure does not keep the others back. */
static enum exit_code get_all(struct cli *c, const json_t *plan)
{
    enum exit_code first = EXIT_DONE;
    size_t i;
    json_t *ids;
    json_array_foreach(plan, i, ids)
    {
        const enum exit_code code = get_one(c, ids);
        first = first == EXIT_DONE ? code : first;
        if (start_hopeless(code)) {
            start_say_rest(c, plan, i);
            return code;
        }
    }
    return first;
}

/* The last level only: a missing parent is rather a slip of the pen. */
static enum exit_code make_folder(struct cli *c, const char *path)
{
    if (fetch_is_folder(path) || mkdir(path, 0777) == 0) {
        return EXIT_DONE;
    }
    if (errno == EEXIST || errno == ENOTDIR) {
        terminal_error(&c->terminal, "%s is no folder", path);
        return EXIT_USAGE;
    }
    terminal_error(&c->terminal, "%s: %s", path, strerror(errno));
    return EXIT_LOCAL;
}

/* The folder that the file will be made in. */
static char *folder_of(const char *output)
{
    const char *slash = strrchr(output, '/');
    if (fetch_is_folder(output)) {
        return strdup(output);
    }
    return slash == NULL ? strdup(".")
                         : strndup(output, slash == output ? 1 : (size_t)(slash - output));
}

/* What fails here would fail after the job was started. */
static enum exit_code check_folder(struct cli *c, const char *output)
{
    char *folder = folder_of(output);
    enum exit_code code = EXIT_LOCAL;
    if (folder == NULL) {
        terminal_error(&c->terminal, "no memory");
    } else if (access(folder, F_OK) == 0 && !fetch_is_folder(folder)) {
        terminal_error(&c->terminal, "%s is no folder", folder);
    } else if (access(folder, W_OK | X_OK) != 0) {
        terminal_error(&c->terminal, "%s: %s", folder, strerror(errno));
    } else {
        code = EXIT_DONE;
    }
    free(folder);
    return code;
}

static enum exit_code check_output(struct cli *c)
{
    const char *output = c->args.output;
    const bool several = c->args.words_count > 1 && !c->args.archive;
    if (output != NULL && strcmp(output, "-") == 0) {
        terminal_error(&c->terminal, "-o takes a file or a folder; for a stream use the URL of "
                                     "longhaul link");
        return EXIT_USAGE;
    }
    const size_t len = output != NULL ? strlen(output) : 0;
    const bool folder = len > 0 && (several || output[len - 1] == '/');
    const enum exit_code code = folder ? make_folder(c, output) : EXIT_DONE;
    return code == EXIT_DONE ? check_folder(c, output != NULL ? output : ".") : code;
}

enum exit_code run_get(struct cli *c)
{
    const bool attach = c->args.job != NULL;
    enum exit_code code = check_output(c);
    if (code != EXIT_DONE) {
        return code;
    }
    if (attach == (c->args.words_count > 0)) {
        terminal_error(&c->terminal, "get takes file ids, or --job JOB");
        return EXIT_USAGE;
    }
    if (attach) {
        return cli_job_good(c, c->args.job) ? follow_and_save(c, c->args.job, NULL) : EXIT_USAGE;
    }
    json_t *plan = NULL;
    code = start_plan(c, &plan);
    if (code == EXIT_DONE) {
        code = get_all(c, plan);
    }
    json_decref(plan);
    return code;
}
