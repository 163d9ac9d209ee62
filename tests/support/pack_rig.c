#include "support/pack_rig.h"

#include "core/digest.h"
#include "support/child.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { READER_MS = 60000, TICK_MS = 20, MANY = 2000 };

void pack_start(struct worker_rig *r, const char *const *more)
{
    static const char *const NOTHING[] = {NULL};
    worker_rig_worker(r, more != NULL ? more : NOTHING);
}

static int run_script(struct worker_rig *r, const char *script, const struct attempt *a)
{
    char artifact[256], log[256];
    (void)snprintf(artifact, sizeof artifact, "%s/store/objects/%s.%llu", r->dir,
                   a != NULL ? a->job_id : "", a != NULL ? (unsigned long long)a->fence : 0ULL);
    worker_rig_path(r, "log", log, sizeof log);
    const char *const argv[] = {"sh", "-ec", script, "sh", r->dir, artifact, NULL};
    const pid_t pid = child_start(argv, log);
    int code = -1;
    for (int waited_ms = 0; code < 0 && waited_ms < READER_MS; waited_ms += TICK_MS) {
        code = child_wait(pid, TICK_MS);
        stub_listen(&r->brokers[0], 0); /* or the worker would leave it for a silent one */
    }
    return code;
}

void pack_check(struct worker_rig *r, const char *script, const struct attempt *a)
{
    cr_assert_eq(run_script(r, script, a), 0, "%s", script);
}

struct attempt pack_spec(struct worker_rig *r, const struct job_spec *spec, uint32_t timeout_ms)
{
    const struct attempt a = rig_attempt(r, 1);
    stub_assign(&r->brokers[0], &a, spec, timeout_ms, 0);
    return a;
}

struct attempt pack_one(struct worker_rig *r, uint64_t file_id, enum job_format format)
{
    const struct job_spec spec = {.file_ids = &file_id, .file_ids_count = 1, .format = format};
    return pack_spec(r, &spec, PACK_TIMEOUT_MS);
}

struct attempt pack_list(struct worker_rig *r, const uint64_t *ids, size_t count,
                         enum job_format format)
{
    const struct job_spec spec = {
        .file_ids = ids, .file_ids_count = count, .format = format, .archive = true};
    return pack_spec(r, &spec, PACK_TIMEOUT_MS);
}

void pack_made(struct worker_rig *r, const struct attempt *a, const char *name, const char *type)
{
    unsigned char sha256[SHA256_SIZE];
    struct digest d;
    size_t len = 0;
    const struct wire_result *said = rig_done(r, a);
    cr_assert_eq(said->outcome, OUTCOME_COMPLETED, "%.*s", SPAN_ARG(said->failure.message));
    cr_assert(span_eq(said->artifact.file_name, span_of(name)), "%.*s",
              SPAN_ARG(said->artifact.file_name));
    cr_assert(span_eq(said->artifact.content_type, span_of(type)));
    unsigned char *bytes = rig_artifact(r, a, &len);
    cr_assert_not_null(bytes);
    cr_assert_eq(len, said->artifact.size_bytes);
    digest_init(&d);
    cr_assert_eq(digest_add(&d, (struct span){(const char *)bytes, len}), ERR_OK);
    cr_assert_eq(digest_end(&d, sha256), ERR_OK);
    cr_assert_eq(memcmp(sha256, said->artifact.sha256, SHA256_SIZE), 0);
    free(bytes);
    cr_assert_eq(rig_files_in(r, "tmp"), 0);
}

void pack_failed(struct worker_rig *r, const struct attempt *a, const char *code, bool retryable,
                 const char *message)
{
    const struct wire_result *said = rig_done(r, a);
    cr_assert_eq(said->outcome, OUTCOME_FAILED);
    cr_assert(span_eq(said->failure.code, span_of(code)), "%.*s: %.*s",
              SPAN_ARG(said->failure.code), SPAN_ARG(said->failure.message));
    cr_assert_eq(said->failure.retryable, retryable);
    cr_assert(span_starts(said->failure.message, span_of(message)), "%.*s",
              SPAN_ARG(said->failure.message));
    cr_assert_eq(rig_files_in(r, "objects"), 0);
}

void pack_nothing_left(struct worker_rig *r)
{
    for (int i = 0; i < MANY && rig_files_in(r, "tmp") > 0; i++) {
        stub_listen(&r->brokers[0], 10);
    }
    cr_assert_eq(rig_files_in(r, "tmp"), 0);
    cr_assert_eq(rig_files_in(r, "objects"), 0);
}

void pack_add_noise(struct worker_rig *r, uint64_t file_id, const char *mebibytes)
{
    char script[256], url[256];
    (void)snprintf(script, sizeof script,
                   "head -c %sM /dev/urandom > $1/www/noise-%llu; chmod 644 $1/www/noise-*",
                   mebibytes, (unsigned long long)file_id);
    pack_check(r, script, NULL);
    (void)snprintf(url, sizeof url, "file://%s/www/noise-%llu", r->dir,
                   (unsigned long long)file_id);
    worker_rig_add(r, file_id, url, "");
}
