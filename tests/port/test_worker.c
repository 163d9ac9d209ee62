// links: support wire core base zmq pthread crypto
/* What becomes of one attempt: a real worker, real sources, a scripted broker. */
#include "support/worker_rig.h"

#include "core/artifact_key.h"
#include "core/digest.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct worker_rig rig;

static void setup(void)
{
    static const char *const more[] = {"--stall-s", "1", NULL};
    worker_rig_start(&rig);
    worker_rig_worker(&rig, more);
}

static void teardown(void)
{
    worker_rig_stop(&rig);
}

TestSuite(worker, .init = setup, .fini = teardown, .timeout = 90);

/* The result names exactly the bytes that are stored, and they are the source's. */
static void expect_stored(const struct attempt *a, const struct wire_result *r, size_t size,
                          unsigned char (*byte)(size_t i))
{
    size_t len = 0;
    unsigned char sha256[SHA256_SIZE];
    struct digest d;
    unsigned char *bytes = rig_artifact(&rig, a, &len);
    cr_assert_eq(r->outcome, OUTCOME_COMPLETED, "%.*s", SPAN_ARG(r->failure.code));
    cr_assert_not_null(bytes);
    cr_assert_eq(len, size);
    cr_assert_eq(r->artifact.size_bytes, size);
    for (size_t i = 0; i < len; i++) {
        cr_assert_eq(bytes[i], byte(i), "byte %zu", i);
    }
    digest_init(&d);
    cr_assert_eq(digest_add(&d, (struct span){(const char *)bytes, len}), ERR_OK);
    cr_assert_eq(digest_end(&d, sha256), ERR_OK);
    cr_assert_eq(memcmp(sha256, r->artifact.sha256, SHA256_SIZE), 0);
    free(bytes);
    cr_assert_eq(rig_files_in(&rig, "tmp"), 0);
}

Test(worker, stores_the_bytes_that_nginx_serves_under_the_catalogues_name)
{
    const struct attempt a = rig_assign(&rig, RIG_NGINX_FILE);
    const struct wire_result *r = rig_done(&rig, &a);
    expect_stored(&a, r, RIG_FILE_BYTES, rig_byte);
    cr_assert(span_eq(r->artifact.file_name, SPAN("report.pdf")));
    cr_assert(span_eq(r->artifact.content_type, SPAN("application/pdf")));
}

Test(worker, names_a_file_by_its_source_when_the_catalogue_does_not)
{
    const struct attempt a = rig_assign(&rig, RIG_NAMED);
    const struct wire_result *r = rig_done(&rig, &a);
    expect_stored(&a, r, STUB_BODY, stub_source_byte);
    cr_assert(span_eq(r->artifact.file_name, SPAN("na\xc3\xafve name.txt")));
    cr_assert(span_eq(r->artifact.content_type, SPAN("text/x-thing")));
}

Test(worker, stores_nothing_of_an_empty_file)
{
    const struct attempt a = rig_assign(&rig, RIG_NGINX_EMPTY);
    const struct wire_result *r = rig_done(&rig, &a);
    char key[ARTIFACT_KEY_SIZE];
    artifact_key_write(&a, true, key);
    cr_assert_eq(r->outcome, OUTCOME_COMPLETED);
    cr_assert(span_eq(r->artifact.key, span_of(key)));
    cr_assert_eq(r->artifact.size_bytes, 0);
    cr_assert_eq(rig_files_in(&rig, "objects"), 0);
    cr_assert_eq(rig_files_in(&rig, "tmp"), 0);
    cr_assert(span_eq(r->artifact.file_name, SPAN("empty file.txt")));
}

Test(worker, reads_files_below_the_root)
{
    const struct attempt a = rig_assign(&rig, RIG_FILE_INSIDE);
    expect_stored(&a, rig_done(&rig, &a), RIG_FILE_BYTES, rig_byte);
}

Test(worker, continues_a_broken_download_without_losing_a_byte)
{
    const struct attempt a = rig_assign(&rig, RIG_BREAKS);
    expect_stored(&a, rig_done(&rig, &a), STUB_BODY, stub_source_byte);
    cr_assert_eq(atomic_load(&rig.source.served), 4, "1,000,000 bytes in pieces of 300,000");
}

struct refusal {
    enum rig_file file;
    const char *code;
    bool retryable;
};

static void expect_refusals(const struct refusal *table, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct attempt a = rig_assign(&rig, table[i].file);
        rig_failed_with(&rig, &a, table[i].code, table[i].retryable);
    }
    cr_assert_eq(rig_files_in(&rig, "objects"), 0);
}

Test(worker, turns_what_a_server_answers_into_its_code)
{
    static const struct refusal TABLE[] = {
        {RIG_NGINX_404, "SOURCE_NOT_FOUND", false},
        {RIG_NGINX_403, "SOURCE_FORBIDDEN", false},
        {RIG_NGINX_500, "SOURCE_UNREACHABLE", true},
        {RIG_NO_NAME, "SOURCE_UNREACHABLE", true},
        {RIG_REFUSES, "SOURCE_UNREACHABLE", true},
        {RIG_SHORT, "SOURCE_UNREACHABLE", true},
        {999, "SOURCE_NOT_FOUND", false},
    };
    expect_refusals(TABLE, sizeof TABLE / sizeof TABLE[0]);
}

Test(worker, connects_to_no_address_that_is_refused)
{
    static const struct refusal TABLE[] = {
        {RIG_PRIVATE, "SOURCE_FORBIDDEN", false},      {RIG_TO_PRIVATE, "SOURCE_FORBIDDEN", false},
        {RIG_TO_LOOPBACK6, "SOURCE_FORBIDDEN", false}, {RIG_TO_MAPPED, "SOURCE_FORBIDDEN", false},
        {RIG_TO_FTP, "SOURCE_FORBIDDEN", false},       {RIG_LOOP, "SOURCE_FORBIDDEN", false},
        {RIG_FILE_OUTSIDE, "SOURCE_FORBIDDEN", false}, {RIG_FILE_LINK, "SOURCE_FORBIDDEN", false},
    };
    expect_refusals(TABLE, sizeof TABLE / sizeof TABLE[0]);
}

Test(worker, does_not_continue_a_file_that_was_replaced)
{
    static const struct refusal TABLE[] = {
        {RIG_BREAKS_CHANGED, "SOURCE_UNREACHABLE", true},
        {RIG_BREAKS_WRONG, "SOURCE_UNREACHABLE", true},
    };
    expect_refusals(TABLE, sizeof TABLE / sizeof TABLE[0]);
}

Test(worker, refuses_bytes_that_are_not_what_the_catalogue_says)
{
    static const struct refusal TABLE[] = {
        {RIG_WRONG_SIZE, "CHECKSUM_MISMATCH", true},
        {RIG_WRONG_SHA, "CHECKSUM_MISMATCH", true},
    };
    expect_refusals(TABLE, sizeof TABLE / sizeof TABLE[0]);
}

Test(worker, refuses_bytes_that_are_not_what_the_job_says_for_good)
{
    const uint64_t file_id = RIG_NGINX_FILE;
    const struct attempt a = rig_attempt(&rig, 1);
    const struct job_spec spec = {.file_ids = &file_id, .file_ids_count = 1, .has_sha256 = true};
    stub_assign(&rig.brokers[0], &a, &spec, 60000, 0);
    rig_failed_with(&rig, &a, "CHECKSUM_MISMATCH", false);
}

Test(worker, fails_a_source_that_stops_sending)
{
    const struct attempt half = rig_assign(&rig, RIG_STALL);
    rig_failed_with(&rig, &half, "SOURCE_STALLED", true);
    const struct attempt nothing = rig_assign(&rig, RIG_SILENT);
    rig_failed_with(&rig, &nothing, "SOURCE_STALLED", true);
}

Test(worker, passes_on_when_a_source_wants_to_be_asked_again)
{
    const struct attempt a = rig_assign(&rig, RIG_BUSY);
    const struct wire_result *r = rig_done(&rig, &a);
    cr_assert(span_eq(r->failure.code, SPAN("SOURCE_UNREACHABLE")));
    cr_assert_eq(r->failure.retry_after_ms, 7000);
}

Test(worker, ends_an_attempt_at_its_timeout)
{
    const uint64_t file_id = 42;
    const struct attempt a = rig_attempt(&rig, 1);
    const struct job_spec spec = {.file_ids = &file_id,
                                  .file_ids_count = 1,
                                  .has_simulate = true,
                                  .simulate = {.duration_ms = 60000}};
    stub_assign(&rig.brokers[0], &a, &spec, 300, 0);
    rig_failed_with(&rig, &a, "TIMEOUT", true);
}
