/* longhaul-gateway: HTTP in, jobs to brokers, events out. */
#include "base/log.h"
#include "base/signals.h"
#include "gateway/options.h"
#include "gateway/server.h"

#include <stdio.h>

enum { MESSAGE_MAX = 16384 /* --help */ };

static void say(FILE *to, const struct buf *message)
{
    (void)fwrite(message->data, 1, message->len, to);
}

static int check(struct gateway_config *config, struct buf *message)
{
    buf_reset(message);
    const enum err e = config_check(config, message);
    if (e == ERR_OK) {
        return 0;
    }
    (void)fputs("longhaul-gateway: ", stderr);
    say(stderr, message);
    return e == ERR_DENIED ? 1 : 2;
}

static int run(struct gateway_config *config, struct buf *message)
{
    int signals_fd = -1;
    const int refused = check(config, message);
    if (refused != 0) {
        return refused;
    }
    log_open("gateway", config->verbose ? LOG_DEBUG : LOG_INFO);
    if (signals_open(&signals_fd) != ERR_OK) {
        log_error("signals.failed", NULL);
        return 1;
    }
    return server_run(config, signals_fd);
}

int main(int argc, char **argv)
{
    struct gateway_config config = {0};
    struct buf message;
    int status = 2;
    buf_init(&message, MESSAGE_MAX);
    switch (config_parse(argc, argv, &config, &message)) {
    case OPTIONS_RUN:
        status = run(&config, &message);
        break;
    case OPTIONS_CHECK_CONFIG:
        status = check(&config, &message);
        break;
    case OPTIONS_EXIT_OK:
        say(stdout, &message);
        status = 0;
        break;
    case OPTIONS_EXIT_USAGE:
        say(stderr, &message);
        break;
    }
    config_clear(&config);
    buf_clear(&message);
    return status;
}
