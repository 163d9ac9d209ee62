// links: support wire core base zmq pthread crypto
/* Attempts that pack, stopped in the middle, large, and at the same time. */
#include "support/child.h"
#include "support/pack_rig.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_MS = 60000 };

static struct worker_rig rig;

static void setup(void)
{
    worker_rig_start(&rig);
}

static void teardown(void)
{
    worker_rig_stop(&rig);
}

TestSuite(worker_pack_load, .init = setup, .fini = teardown, .timeout = 110);

/* ---- stopping */

static void await_progress(const struct attempt *a)
{
    for (;;) {
        const struct wire_message *m = stub_expect(&rig.brokers[0], WIRE_PROGRESS);
        if (strcmp(m->progress.attempt.job_id, a->job_id) == 0 &&
            m->progress.meter.bytes_done > 0) {
            return;
        }
    }
}

Test(worker_pack_load, a_cancel_stops_it_in_the_middle_and_leaves_nothing)
{
    static const enum job_format FORMATS[] = {FORMAT_ZIP, FORMAT_TAR, FORMAT_GZIP, FORMAT_ZSTD};
    pack_add_noise(&rig, 2000, "100");
    pack_start(&rig, NULL);
    for (size_t i = 0; i < 4; i++) {
        const struct attempt a = pack_one(&rig, 2000, FORMATS[i]);
        if (FORMATS[i] == FORMAT_ZIP || FORMATS[i] == FORMAT_GZIP) {
            await_progress(&a); /* the others may be over before they say anything */
        }
        stub_abort(&rig.brokers[0], &a, ABORT_CANCELED);
        cr_assert_eq(rig_done(&rig, &a)->outcome, OUTCOME_CANCELED);
        pack_nothing_left(&rig);
    }
    const struct attempt waits = pack_list(&rig, PACK_IDS(RIG_FILE_INSIDE, RIG_STALL), FORMAT_ZIP);
    await_progress(&waits);
    stub_abort(&rig.brokers[0], &waits, ABORT_CANCELED);
    cr_assert_eq(rig_done(&rig, &waits)->outcome, OUTCOME_CANCELED);
    pack_nothing_left(&rig);
    const struct attempt after = pack_one(&rig, RIG_NGINX_FILE, FORMAT_ZIP);
    pack_made(&rig, &after, "report.pdf.zip", "application/zip");
}

Test(worker_pack_load, a_stale_attempt_stops_without_a_word_and_leaves_nothing)
{
    pack_add_noise(&rig, 2000, "100");
    pack_start(&rig, NULL);
    const struct attempt a = pack_one(&rig, 2000, FORMAT_ZIP);
    await_progress(&a);
    stub_abort(&rig.brokers[0], &a, ABORT_STALE);
    pack_nothing_left(&rig);
    const struct attempt after = pack_one(&rig, RIG_NGINX_FILE, FORMAT_GZIP);
    pack_made(&rig, &after, "report.pdf.gz",
              "application/gzip"); /* the next result is not of `a` */
}

Test(worker_pack_load, it_ends_at_its_timeout_and_leaves_nothing)
{
    pack_add_noise(&rig, 2000, "100");
    pack_start(&rig, NULL);
    const uint64_t file_id = 2000;
    const struct job_spec spec = {
        .file_ids = &file_id, .file_ids_count = 1, .format = FORMAT_ZIP, .archive = true};
    const struct attempt a = pack_spec(&rig, &spec, 300);
    pack_failed(&rig, &a, "TIMEOUT", true, "");
    pack_nothing_left(&rig);
}

Test(worker_pack_load, a_drain_gives_it_back_and_leaves_nothing)
{
    static const char *const more[] = {"--drain-s", "0", NULL};
    pack_add_noise(&rig, 2000, "100");
    pack_start(&rig, more);
    const struct attempt a = pack_one(&rig, 2000, FORMAT_ZIP);
    await_progress(&a);
    cr_assert_eq(kill(rig.worker, SIGTERM), 0);
    cr_assert_eq(rig_done(&rig, &a)->outcome, OUTCOME_RELEASED);
    cr_assert_eq(child_wait(rig.worker, EXIT_MS), 0);
    rig.worker = 0;
    pack_nothing_left(&rig);
}

/* ---- progress, memory, company */

static long peak_kib(pid_t pid)
{
    char path[64], line[256];
    long kib = -1;
    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *f = fopen(path, "re");
    cr_assert_not_null(f);
    while (kib < 0 && fgets(line, sizeof line, f) != NULL) {
        kib = strncmp(line, "VmHWM:", 6) == 0 ? strtol(line + 6, NULL, 10) : -1;
    }
    (void)fclose(f);
    return kib;
}

Test(worker_pack_load, a_file_of_300_mebibytes_takes_no_more_memory_than_its_buffers)
{
    static const enum job_format FORMATS[] = {FORMAT_ZIP, FORMAT_TAR, FORMAT_ZSTD};
    char url[256];
    pack_check(&rig, "truncate -s 300M $1/www/large", NULL);
    (void)snprintf(url, sizeof url, "file://%s/www/large", rig.dir);
    worker_rig_add(&rig, 2000, url, "");
    pack_start(&rig, NULL);
    const struct attempt first = pack_one(&rig, RIG_NGINX_FILE, FORMAT_ZIP);
    pack_made(&rig, &first, "report.pdf.zip", "application/zip");
    const long before = peak_kib(rig.worker);
    for (size_t i = 0; i < 3; i++) {
        const struct attempt a = pack_one(&rig, 2000, FORMATS[i]);
        cr_assert_eq(rig_done(&rig, &a)->outcome, OUTCOME_COMPLETED);
    }
    cr_assert_lt(peak_kib(rig.worker) - before, 65536, "%ld KiB, before %ld", peak_kib(rig.worker),
                 before);
}

/* Progress of one attempt: it only grows, never beyond the total. */
static void check_progress(const struct meter *last, const struct meter *m, int64_t total)
{
    cr_assert_geq(m->bytes_done, last->bytes_done);
    cr_assert_geq(m->percent, last->percent);
    cr_assert_leq(m->percent, 99);
    cr_assert_eq(m->bytes_total, total);
    cr_assert_leq((int64_t)m->bytes_done, total);
}

Test(worker_pack_load, many_archives_at_once_share_the_threads_and_no_heartbeat_waits)
{
    enum { JOBS = 4, BYTES = 48 * 1048576 };
    struct attempt a[JOBS];
    struct meter last[JOBS] = {0};
    size_t done = 0, beats = 0, packing = 0;
    pack_add_noise(&rig, 2000, "48");
    pack_start(&rig, NULL);
    for (size_t i = 0; i < JOBS; i++) {
        a[i] = pack_list(&rig, PACK_IDS(2000, RIG_FILE_INSIDE), FORMAT_ZIP);
    }
    while (done < JOBS) {
        /* A broker takes a worker for gone that says nothing for 3 s. */
        cr_assert_not_null(stub_hear(&rig.brokers[0], WIRE_HEARTBEAT, 3000));
        beats++;
        const struct wire_message *m;
        while ((m = stub_hear(&rig.brokers[0], WIRE_PROGRESS, 0)) != NULL) {
            for (size_t i = 0; i < JOBS; i++) {
                if (strcmp(m->progress.attempt.job_id, a[i].job_id) == 0) {
                    check_progress(&last[i], &m->progress.meter, BYTES + RIG_FILE_BYTES);
                    last[i] = m->progress.meter;
                    packing += m->progress.meter.stage == STAGE_PACKING ? 1 : 0;
                }
            }
        }
        while ((m = stub_hear(&rig.brokers[0], WIRE_RESULT, 0)) != NULL) {
            cr_assert_eq(m->result.outcome, OUTCOME_COMPLETED);
            const struct attempt which = m->result.attempt;
            for (size_t i = 0; i < JOBS && done == 0; i++) {
                /* Taking turns, nobody is far behind when the first is over. */
                cr_assert_gt(last[i].bytes_done, BYTES / 2, "%zu", i);
            }
            stub_ack(&rig.brokers[0], &which, ACK_RECORDED);
            done++;
        }
    }
    cr_assert_gt(beats, 0);
    cr_assert_gt(packing, 0);
}
