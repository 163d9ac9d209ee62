#include "cli/commands.h"

const struct command commands[CMD_COUNT] = {
    [CMD_GET] =
        {"get", "ID...", 0, WORDS_MAX, "start a job for each file id and download its file",
         "Follows the job, downloads its file, checks size and SHA-256, and prints the path.\n"
         "A broken download is resumed, also by a later call. Ctrl-C leaves the job running\n"
         "and says how to come back. With --job, an existing job is followed instead.\n"},
    [CMD_START] = {"start", "ID...", 1, WORDS_MAX, "start jobs and print their ids, one a line",
                   "Returns when the server has recorded the jobs; it does not wait for them.\n"},
    [CMD_STATUS] = {"status", "JOB", 1, 1, "show the state of a job",
                    "With --watch: each change until the job ends, and then exit code 1 unless it\n"
                    "completed.\n"},
    [CMD_LIST] = {"list", "", 0, 0, "list jobs, newest first",
                  "Without --all one page is shown, and how to get the next one.\n"},
    [CMD_CANCEL] = {"cancel", "JOB...", 1, WORDS_MAX, "cancel jobs", ""},
    [CMD_RETRY] = {"retry", "JOB...", 1, WORDS_MAX, "start failed or canceled jobs again", ""},
    [CMD_LINK] = {"link", "JOB", 1, 1, "print a fresh download link of a completed job",
                  "The link expires; --json says when.\n"},
    [CMD_HISTORY] = {"history", "JOB", 1, 1, "show the recorded changes and attempts of a job", ""},
    [CMD_RM] = {"rm", "JOB...", 1, WORDS_MAX, "remove ended jobs and their files from the server",
                ""},
    [CMD_DOCTOR] =
        {"doctor", "", 0, 0, "check the way to the server and back",
         "Checks: the API answers; health (with --admin-url); the clocks agree; a simulated\n"
         "job goes all the way, where the server allows simulation.\n"},
    [CMD_COMPLETION] =
        {"completion", "bash|zsh|fish", 1, 1,
         "print a script that completes this command line in a shell",
         "For example: longhaul completion bash > /etc/bash_completion.d/longhaul\n"},
};

enum command_id command_find(struct span name)
{
    int i = 0;
    while (i < CMD_COUNT && !span_eq(name, span_of(commands[i].name))) {
        i++;
    }
    return (enum command_id)i;
}
