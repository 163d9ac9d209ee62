/* longhaul start: jobs that nobody waits for. */
#include "cli/api.h"
#include "cli/start.h"

static void print_started(struct cli *c, const json_t *ids, const char *job)
{
    if (!c->args.json) {
        terminal_result(&c->terminal, span_of(job));
        return;
    }
    json_t *line = json_pack("{s:s, s:s}", "jobId", job, "status", "queued");
    if (c->args.archive) {
        (void)json_object_set_new(line, "file_ids", json_deep_copy(ids));
    } else {
        (void)json_object_set(line, "file_id", json_array_get(ids, 0));
    }
    cli_print_json(c, line);
    json_decref(line);
}

enum exit_code run_start(struct cli *c)
{
    json_t *plan = NULL;
    enum exit_code code = start_plan(c, &plan);
    for (size_t i = 0; code == EXIT_DONE && i < json_array_size(plan); i++) {
        char job[JOB_TEXT_SIZE];
        const json_t *ids = json_array_get(plan, i);
        code = start_job(c, ids, job);
        if (code == EXIT_DONE) {
            print_started(c, ids, job);
        }
    }
    json_decref(plan);
    return code;
}
