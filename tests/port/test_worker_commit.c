// links: workers support wire core base zmq pthread
/* What becomes of an artifact whose attempt is stopped while the disk has it. The worker runs in
 * this process, so that its fdatasync is ours to hold up. */
#include "support/worker_rig.h"

#include "base/options.h"
#include "base/signals.h"
#include "workers/options.h"
#include "workers/worker.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static sem_t at_disk, go_on;

/* In place of libc's: the disk is busy until the test says otherwise. */
int fdatasync(int fd)
{
    (void)fd;
    (void)sem_post(&at_disk);
    while (sem_wait(&go_on) != 0) {
    }
    return 0;
}

static struct worker_rig rig; /* without nginx and source: only folder, ids and broker 0 */
static struct worker_config config;
static struct worker *worker;
static pthread_t thread;
static char endpoint[128], store[128];

static void *run(void *nothing)
{
    (void)nothing;
    worker_loop(worker);
    worker_destroy(&worker);
    return NULL;
}

static void start_worker(void)
{
    int signal_fd = -1;
    struct buf message;
    buf_init(&message, 4096);
    struct worker_options options = {.slots = 0};
    char words[][18] = {"worker", "--brokers", "--store", "--worker-id", "w1", "--allow-simulate"};
    char *const argv[] = {words[0], words[1], endpoint, words[2], store,
                          words[3], words[4], words[5], NULL};
    cr_assert_eq(options_parse(&worker_option_table, 8, argv, &options, &message), OPTIONS_RUN);
    cr_assert_eq(worker_config_check(&options, &config, &message), ERR_OK, "%.*s", (int)message.len,
                 message.data);
    buf_clear(&message);
    cr_assert_eq(signals_open(&signal_fd), ERR_OK);
    cr_assert_eq(worker_new(&config, signal_fd, &worker), ERR_OK);
    cr_assert_eq(pthread_create(&thread, NULL, run, NULL), 0);
    (void)stub_welcome(&rig.brokers[0]);
}

static void setup(void)
{
    (void)sem_init(&at_disk, 0, 0);
    (void)sem_init(&go_on, 0, 0);
    (void)snprintf(rig.dir, sizeof(rig.dir), "/tmp/longhaul-commit-XXXXXX");
    cr_assert_not_null(mkdtemp(rig.dir));
    (void)snprintf(endpoint, sizeof(endpoint), "ipc://%s/broker-0.sock", rig.dir);
    (void)snprintf(store, sizeof(store), "file:%s/store", rig.dir);
    id_source_init(&rig.ids);
    stub_broker_open(&rig.brokers[0], endpoint);
    start_worker();
}

static void remove_folder(const char *name)
{
    char path[192];
    (void)snprintf(path, sizeof(path), "%s%s", rig.dir, name);
    (void)rmdir(path);
}

static void teardown(void)
{
    char lock[192];
    (void)snprintf(lock, sizeof(lock), "%s/store/tmp/w1.lock", rig.dir);
    (void)unlink(lock);
    static const char *const folders[] = {"/store/tmp", "/store/objects", "/store", ""};
    stub_broker_close(&rig.brokers[0]);
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        remove_folder(folders[i]);
    }
}

TestSuite(worker_commit, .init = setup, .fini = teardown, .timeout = 60);

/* A simulated attempt whose bytes are with the disk now. */
static struct attempt at_the_disk(void)
{
    const struct attempt a = rig_simulate(&rig, &(struct simulate){.size_bytes = 1000}, 0);
    while (sem_wait(&at_disk) != 0) {
    }
    return a;
}

static void expect_canceled(const struct attempt *a)
{
    const struct wire_result *r = &stub_expect(&rig.brokers[0], WIRE_RESULT)->result;
    cr_assert_eq(r->outcome, OUTCOME_CANCELED);
    cr_assert_str_eq(r->attempt.job_id, a->job_id);
}

/* The worker leaves when nothing moves, nothing is stored and no result waits. */
static void drain(void)
{
    cr_assert_eq(kill(getpid(), SIGTERM), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
}

Test(worker_commit, cancel_while_it_is_stored_is_reported_at_once_and_leaves_no_artifact)
{
    const struct attempt a = at_the_disk();
    stub_abort(&rig.brokers[0], &a, ABORT_CANCELED);
    expect_canceled(&a);
    cr_assert_eq(rig_files_in(&rig, "tmp"), 1, "the disk still has it");
    stub_ack(&rig.brokers[0], &a, ACK_RECORDED);
    (void)sem_post(&go_on);
    drain();
    cr_assert_eq(rig_files_in(&rig, "objects"), 0);
    cr_assert_eq(rig_files_in(&rig, "tmp"), 0);
    cr_assert_null(stub_hear(&rig.brokers[0], WIRE_RESULT, 0), "it has ended once");
}

Test(worker_commit, a_cancel_that_its_broker_never_acknowledged_leaves_none_either)
{
    const struct attempt a = at_the_disk();
    stub_abort(&rig.brokers[0], &a, ABORT_CANCELED);
    expect_canceled(&a);
    (void)sem_post(&go_on);
    expect_canceled(&a); /* said again, for want of an Ack */
    stub_ack(&rig.brokers[0], &a, ACK_STALE);
    drain();
    cr_assert_eq(rig_files_in(&rig, "objects"), 0);
    cr_assert_eq(rig_files_in(&rig, "tmp"), 0);
}

Test(worker_commit, stale_while_it_is_stored_says_nothing_and_leaves_no_artifact)
{
    const struct attempt a = at_the_disk();
    stub_abort(&rig.brokers[0], &a, ABORT_STALE);
    const struct wire_message *beat = stub_expect(&rig.brokers[0], WIRE_HEARTBEAT);
    while (beat->heartbeat.running_count > 0) {
        beat = stub_expect(&rig.brokers[0], WIRE_HEARTBEAT);
    }
    (void)sem_post(&go_on);
    drain();
    cr_assert_eq(rig_files_in(&rig, "objects"), 0);
    cr_assert_null(stub_hear(&rig.brokers[0], WIRE_RESULT, 0));
}
