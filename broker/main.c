/* longhaul-broker: see broker/broker.h for what it does. */
#include "base/log.h"
#include "base/options.h"
#include "base/signals.h"
#include "broker/broker.h"

#include <stdio.h>
#include <unistd.h>

enum { EXIT_USAGE = 2, MESSAGE_MAX = 16384 };

static void say(FILE *to, const struct buf *message)
{
    (void)fwrite(message->data, 1, message->len, to);
    (void)fflush(to);
}

static int serve(const struct broker_options *options, int signals_fd)
{
    struct broker *b = NULL;
    /* czmq would install handlers of its own; base/signals is the one module that has any. */
    (void)zsys_init();
    zsys_handler_set(NULL);
    const enum err err = broker_new(options, signals_fd, &b);
    if (err != ERR_OK) {
        log_error("broker.start", "%s", err_name(err));
        return 1;
    }
    const int status = broker_run(b);
    broker_destroy(&b);
    return status;
}

static int run(int argc, char **argv, struct broker_options *options, struct buf *message)
{
    const enum options_outcome outcome =
        options_parse(&BROKER_OPTIONS, argc, argv, options, message);
    if (outcome == OPTIONS_EXIT_OK || outcome == OPTIONS_EXIT_USAGE) {
        say(outcome == OPTIONS_EXIT_OK ? stdout : stderr, message);
        return outcome == OPTIONS_EXIT_OK ? 0 : EXIT_USAGE;
    }
    if (broker_options_check(options, message) != ERR_OK) {
        say(stderr, message);
        return EXIT_USAGE;
    }
    if (outcome == OPTIONS_CHECK_CONFIG) {
        return 0;
    }
    int signals_fd = -1;
    if (signals_open(&signals_fd) != ERR_OK) {
        log_error("signals.open", NULL);
        return 1;
    }
    const int status = serve(options, signals_fd);
    (void)close(signals_fd);
    return status;
}

int main(int argc, char **argv)
{
    struct broker_options options = {0};
    struct buf message;
    buf_init(&message, MESSAGE_MAX);
    log_open("broker", LOG_INFO);
    const int status = run(argc, argv, &options, &message);
    options_clear(&BROKER_OPTIONS, &options);
    buf_clear(&message);
    return status;
}
