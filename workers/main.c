/* longhaul-worker: fetches files for jobs and stores them. */
#include "base/log.h"
#include "base/options.h"
#include "base/signals.h"
#include "workers/worker.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { MESSAGE_MAX = 65536, EXIT_USAGE = 2 };

/* Each slot needs a connection and a file; the usual soft limit of 1024 is for programs with
 * select. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* The times in a zip are local by its definition (APPNOTE 4.4.6), and libarchive takes them from
 * the process' zone. The same files are to give the same bytes on every machine. Before any thread.
 */
static bool leave_time_zone(void)
{
    const bool left = setenv("TZ", "UTC0", 1) == 0;
    tzset();
    return left;
}

static int run(const struct worker_config *config)
{
    struct worker *w = NULL;
    int signal_fd;
    log_open("worker", LOG_INFO);
    raise_descriptor_limit();
    if (!leave_time_zone()) {
        log_error("worker.start-failed", "no memory");
        return 1;
    }
    if (signals_open(&signal_fd) != ERR_OK) {
        log_error("worker.start-failed", "no signal descriptor");
        return 1;
    }
    if (worker_new(config, signal_fd, &w) != ERR_OK) {
        return 1;
    }
    worker_loop(w);
    worker_destroy(&w);
    return 0;
}

static int say(FILE *to, const struct buf *message, int status)
{
    if (message->len > 0) {
        (void)fwrite(message->data, 1, message->len, to);
    }
    return status;
}

static int start(int argc, char **argv, struct buf *message)
{
    struct worker_options options = {.slots = 0};
    static struct worker_config config; /* too large for a stack frame */
    const enum options_outcome outcome =
        options_parse(&worker_option_table, argc, argv, &options, message);
    if (outcome == OPTIONS_EXIT_OK) {
        return say(stdout, message, 0);
    }
    if (outcome == OPTIONS_EXIT_USAGE ||
        worker_config_check(&options, &config, message) != ERR_OK) {
        return say(stderr, message, EXIT_USAGE);
    }
    return outcome == OPTIONS_CHECK_CONFIG ? 0 : run(&config);
}

int main(int argc, char **argv)
{
    struct buf message;
    buf_init(&message, MESSAGE_MAX);
    const int status = start(argc, argv, &message);
    buf_clear(&message);
    return status;
}
