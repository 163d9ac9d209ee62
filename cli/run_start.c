/* longhaul start: jobs that nobody waits for. */
#include "cli/api.h"
#include "cli/start.h"

static void print_json(struct cli *c, const json_t *ids, const char *job, enum exit_code code)
{
    json_t *line = json_object();
    if (code == EXIT_DONE) {
        (void)json_object_set_new(line, "jobId", json_string(job));
        (void)json_object_set_new(line, "status", json_string("queued"));
    }
    if (c->args.archive) {
        (void)json_object_set_new(line, "file_ids", json_deep_copy(ids));
    } else {
        (void)json_object_set(line, "file_id", json_array_get(ids, 0));
    }
    if (code != EXIT_DONE) {
        (void)json_object_set_new(line, "error", cli_error(c, code));
    }
    cli_print_json(c, line);
    json_decref(line);
}

static enum exit_code start_one(struct cli *c, const json_t *ids)
{
    char job[JOB_TEXT_SIZE] = "";
    const enum exit_code code = start_job(c, ids, job);
    if (c->args.json) {
        print_json(c, ids, job, code);
    } else if (code == EXIT_DONE) {
        terminal_result(&c->terminal, span_of(job));
    }
    return code;
}

enum exit_code run_start(struct cli *c)
{
    json_t *plan = NULL;
    enum exit_code first = start_plan(c, &plan);
    for (size_t i = 0; i < json_array_size(plan); i++) {
        const enum exit_code code = start_one(c, json_array_get(plan, i));
        first = first == EXIT_DONE ? code : first;
        if (start_hopeless(code)) {
            start_say_rest(c, plan, i);
            break;
        }
    }
    json_decref(plan);
    return first;
}
