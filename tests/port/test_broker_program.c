// links: support wire ports core base hiredis zmq
#include "support/broker_rig.h"

#include "support/child.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_MAX = 16384, ARGS_MAX = 8 };

static char said[TEXT_MAX]; /* what the program wrote */
static char dir[] = "/tmp/longhaul-program-XXXXXX";

static void setup(void)
{
    cr_assert_not_null(mkdtemp(dir));
}

static void teardown(void)
{
    const char *const argv[] = {"rm", "-rf", "--", dir, NULL};
    (void)child_wait(child_start(argv, NULL), TALKER_PATIENCE_MS);
}

TestSuite(broker_program, .init = setup, .fini = teardown, .timeout = 60);

static void read_log(const char *path)
{
    FILE *f = fopen(path, "r");
    cr_assert_not_null(f);
    const size_t len = fread(said, 1, sizeof said - 1, f);
    said[len] = '\0';
    (void)fclose(f);
}

/* Runs the broker with these arguments until it ends; its exit status. */
static int run(const char *const *arguments)
{
    char path[512];
    char log[64];
    const char *argv[ARGS_MAX + 2] = {path};
    const char *bin = getenv("LONGHAUL_BIN");
    (void)snprintf(path, sizeof path, "%s/longhaul-broker", bin != NULL ? bin : "build/dev/bin");
    (void)snprintf(log, sizeof log, "%s/said", dir);
    for (size_t i = 0; arguments[i] != NULL; i++) {
        cr_assert_lt(i, ARGS_MAX);
        argv[i + 1] = arguments[i];
    }
    (void)unlink(log);
    const int status = child_wait(child_start(argv, log), TALKER_PATIENCE_MS);
    read_log(log);
    return status;
}

#define RUN(...) run((const char *const[]){__VA_ARGS__, NULL})
#define ENDPOINTS                                                                                  \
    "--bind-requests", "ipc:///tmp/unused.sock", "--bind-events", "ipc:///tmp/unused.ev"

Test(broker_program, test_broker_bad_options_exit_2_and_say_which)
{
    cr_assert_eq(RUN("--no-such-option"), 2);
    cr_assert_not_null(strstr(said, "no-such-option"));
    cr_assert_eq(RUN("--check-config"), 2);
    cr_assert_not_null(strstr(said, "--bind-requests is required"));
    cr_assert_eq(RUN(ENDPOINTS, "--queue-max", "0"), 2);
    cr_assert_eq(RUN(ENDPOINTS, "--fsync", "never"), 2);
    cr_assert_eq(RUN(ENDPOINTS, "--redis-host", "localhost"), 2);
    cr_assert_eq(RUN(ENDPOINTS, "--broker-id", "two words"), 2);
    cr_assert_eq(RUN("--bind-requests", "nonsense", "--bind-events", "ipc:///tmp/unused.ev"), 2);
}

Test(broker_program, test_broker_plain_tcp_needs_insecure)
{
    cr_assert_eq(RUN("--bind-requests", "tcp://127.0.0.1:1", "--bind-events", "ipc:///tmp/u",
                     "--check-config"),
                 2);
    cr_assert_not_null(strstr(said, "needs CURVE, which this build does not offer yet; pass "
                                    "--insecure"));
    cr_assert_eq(RUN("--bind-requests", "tcp://127.0.0.1:1", "--bind-events", "ipc:///tmp/u",
                     "--insecure", "--check-config"),
                 0);
}

Test(broker_program, test_broker_help_version_and_check_config_exit_0)
{
    cr_assert_eq(RUN("--help"), 0);
    cr_assert_not_null(strstr(said, "--bind-requests"));
    cr_assert_eq(RUN("--version"), 0);
    cr_assert_not_null(strstr(said, LONGHAUL_VERSION));
    cr_assert_eq(RUN(ENDPOINTS, "--check-config"), 0);
    cr_assert_eq(strlen(said), 0);
}

Test(broker_program, test_broker_endpoint_that_cannot_be_bound_exits_1)
{
    cr_assert_eq(RUN("--bind-requests", "ipc:///no/such/folder/x", "--bind-events", "ipc:///tmp/u"),
                 1);
    cr_assert_not_null(strstr(said, "/no/such/folder/x"));
}

Test(broker_program, test_broker_refuses_a_redis_that_may_lose_what_it_acknowledged)
{
    struct redis_server redis;
    char requests[64];
    char events[64];
    (void)snprintf(requests, sizeof requests, "ipc://%s/r", dir);
    (void)snprintf(events, sizeof events, "ipc://%s/e", dir);
    redis_server_start(&redis, dir, false);
    cr_assert_eq(
        RUN("--bind-requests", requests, "--bind-events", events, "--redis-socket", redis.socket),
        1);
    cr_assert_not_null(strstr(said, "longhaul-broker: "), "%s", said);
    cr_assert_not_null(strstr(said, "append"), "%s", said);
    redis_server_stop(&redis);
}

Test(broker_program, test_broker_started_before_redis_waits_for_it)
{
    struct rig rig = {.dir = ""};
    (void)snprintf(rig.dir, sizeof rig.dir, "%s", dir);
    (void)snprintf(rig.redis.socket, sizeof rig.redis.socket, "%s/redis.sock", dir);
    rig_broker_start(&rig, 0);
    rig_await_ready(&rig, 0, false);
    redis_server_start(&rig.redis, dir, true);
    rig_await_ready(&rig, 0, true);
    cr_assert_eq(child_stop(rig.brokers[0].pid, SIGTERM), 0);
    redis_server_stop(&rig.redis);
}
