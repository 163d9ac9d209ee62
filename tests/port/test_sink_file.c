// links: ports core base support
#include "ports/sink_file.h"

#include "support/child.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char dir[64];
static struct file_store *store;
static const char KEY[] = "00123456789abcdefghjkmnpqrs.1";

static void setup(void)
{
    (void)snprintf(dir, sizeof dir, "/tmp/longhaul-sink-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    cr_assert_eq(file_store_open(dir, "w1", &store), ERR_OK);
}

static void teardown(void)
{
    const char *const argv[] = {"rm", "-rf", "--", dir, NULL};
    file_store_close(&store);
    (void)child_wait(child_start(argv, NULL), 10000);
}

TestSuite(sink_file, .init = setup, .fini = teardown, .timeout = 60);

/* Size of a file in the store; -1 if it is not there. */
static long size_of(const char *name)
{
    char path[256];
    struct stat st;
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    return stat(path, &st) == 0 ? (long)st.st_size : -1;
}

static void write_file(const char *name, time_t age_s)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const struct timespec times[2] = {{.tv_sec = time(NULL) - age_s},
                                      {.tv_sec = time(NULL) - age_s}};
    cr_assert_eq(futimens(fd, times), 0);
    (void)close(fd);
}

Test(sink_file, refuses_a_worker_id_that_another_process_holds_here)
{
    struct file_store *other = NULL;
    cr_assert_eq(file_store_open(dir, "w1", &other), ERR_EXISTS);
    cr_assert_eq(file_store_open(dir, "w2", &other), ERR_OK);
    file_store_close(&other);
}

Test(sink_file, refuses_worker_ids_that_are_no_file_names)
{
    static const char *const BAD[] = {"", "a/b", "..", ".x", "a~b", "a b"};
    struct file_store *other = NULL;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        cr_assert_eq(file_store_open(dir, BAD[i], &other), ERR_INVALID, "%s", BAD[i]);
    }
}

Test(sink_file, shows_an_artifact_only_when_it_is_published)
{
    struct file_sink k;
    cr_assert_eq(file_sink_open(store, KEY, &k), ERR_OK);
    cr_assert_eq(file_sink_write(&k, SPAN("hello")), ERR_OK);
    cr_assert_eq(size_of("objects/00123456789abcdefghjkmnpqrs.1"), -1);
    cr_assert_eq(size_of("tmp/w1~00123456789abcdefghjkmnpqrs.1.part"), 5);
    cr_assert_eq(file_sink_sync(&k), ERR_OK);
    cr_assert_eq(file_sink_publish(store, &k, KEY), ERR_OK);
    cr_assert_eq(file_store_sync(store), ERR_OK);
    cr_assert_eq(size_of("objects/00123456789abcdefghjkmnpqrs.1"), 5);
    cr_assert_eq(size_of("tmp/w1~00123456789abcdefghjkmnpqrs.1.part"), -1);
    cr_assert_eq(file_store_remove(store, KEY), ERR_OK);
    cr_assert_eq(file_store_remove(store, KEY), ERR_OK, "a repeat is fine");
    cr_assert_eq(size_of("objects/00123456789abcdefghjkmnpqrs.1"), -1);
}

Test(sink_file, leaves_nothing_of_what_is_dropped)
{
    struct file_sink k;
    cr_assert_eq(file_sink_open(store, KEY, &k), ERR_OK);
    cr_assert_eq(file_sink_write(&k, SPAN("hello")), ERR_OK);
    file_sink_drop(store, &k);
    file_sink_drop(store, &k);
    cr_assert_eq(size_of("tmp/w1~00123456789abcdefghjkmnpqrs.1.part"), -1);
}

Test(sink_file, deletes_at_start_what_nobody_will_finish)
{
    file_store_close(&store);
    write_file("tmp/w1~a.1.part", 0);
    write_file("tmp/w2~a.1.part", 60);
    write_file("tmp/w2~b.1.part", SINK_LEFTOVER_AGE_S + 60);
    write_file("tmp/w11~a.1.part", 60);
    cr_assert_eq(file_store_open(dir, "w1", &store), ERR_OK);
    cr_assert_eq(size_of("tmp/w1~a.1.part"), -1, "its own");
    cr_assert_eq(size_of("tmp/w2~a.1.part"), 0, "of a worker that may live");
    cr_assert_eq(size_of("tmp/w2~b.1.part"), -1, "older than any attempt");
    cr_assert_eq(size_of("tmp/w11~a.1.part"), 0, "a longer name is another worker");
}

Test(sink_file, says_unavailable_when_the_disk_takes_no_more)
{
    const struct rlimit small = {.rlim_cur = 4096, .rlim_max = 4096};
    char bytes[8192] = {0};
    struct file_sink k;
    (void)signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(file_sink_open(store, KEY, &k), ERR_OK);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    cr_assert_eq(file_sink_write(&k, (struct span){bytes, sizeof bytes}), ERR_UNAVAILABLE);
    file_sink_drop(store, &k);
}
