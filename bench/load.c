/* Load generator: one thread, our own HTTP client, one JSON object on stdout.
 *
 *     load TEST --url http://127.0.0.1:8080 [--pids label=pid,…] [--conns N] [--seconds N]
 *               [--count N] [--jobs N]
 *
 * Tests: initiate status e2e latency fanout. The server must allow simulate. */
#include "load.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct test {
    const char *name;
    void (*run)(struct load *l);
    uint64_t count, jobs;
} TESTS[] = {
    {"initiate", load_initiate, 0, 0}, {"status", load_status, 0, 0},
    {"e2e", load_e2e, 20000, 0},       {"latency", load_latency, 1000, 0},
    {"fanout", load_fanout, 1000, 50},
};

static const struct option OPTIONS[] = {
    {"url", required_argument, NULL, 'u'},
    {"pids", required_argument, NULL, 'p'},
    {"conns", required_argument, NULL, 'c'},
    {"seconds", required_argument, NULL, 's'},
    {"count", required_argument, NULL, 'n'},
    {"jobs", required_argument, NULL, 'j'},
    {NULL, 0, NULL, 0},
};

static void usage(void)
{
    fprintf(stderr, "usage: load initiate|status|e2e|latency|fanout --url http://IP:PORT "
                    "[--pids LABEL=PID,…] [--conns N] [--seconds N] [--count N] [--jobs N]\n");
    exit(2);
}

static const struct test *test_named(const char *name)
{
    for (size_t i = 0; i < sizeof TESTS / sizeof TESTS[0]; i++) {
        if (strcmp(TESTS[i].name, name) == 0) {
            return &TESTS[i];
        }
    }
    usage();
    return NULL;
}

static void parse(struct load *l, int argc, char **argv)
{
    for (int c; (c = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1;) {
        switch (c) {
        case 'u':
            http_server_parse(&l->server, optarg);
            break;
        case 'p':
            procs_parse(&l->procs, optarg);
            break;
        case 'c':
            l->conns = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 's':
            l->seconds = strtoull(optarg, NULL, 10);
            break;
        case 'n':
            l->count = strtoull(optarg, NULL, 10);
            break;
        case 'j':
            l->jobs = strtoull(optarg, NULL, 10);
            break;
        default:
            usage();
        }
    }
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        usage();
    }
    const struct test *test = test_named(argv[1]);
    static struct load l;
    l = (struct load){.conns = 64, .seconds = 8, .count = test->count, .jobs = test->jobs};
    parse(&l, argc - 1, argv + 1);
    if (l.server.port == 0 || l.conns == 0) {
        usage();
    }
    printf("{");
    test->run(&l);
    printf("}\n");
    return 0;
}
