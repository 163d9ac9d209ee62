// links: base core
/* The body of POST /v1/download/initiate. The first byte chooses what the server offers. */
#include "core/initiate.h"

#include "core/plain_text.h"

#include <assert.h>
#include <string.h>

static void check_accepted(const struct initiate_request *r, const struct initiate_rules *rules)
{
    const struct job_spec *s = &r->spec;
    assert(s->file_ids_count >= 1 && s->file_ids_count <= JOB_FILE_IDS_MAX);
    assert(r->file_id == s->file_ids[0]);
    for (size_t i = 0; i < s->file_ids_count; i++) {
        assert(s->file_ids[i] >= 1 && s->file_ids[i] <= JOB_FILE_ID_MAX);
    }
    assert(r->priority <= INITIATE_PRIORITY_MAX && r->max_attempts >= 1);
    assert(r->max_attempts <= JOB_MAX_ATTEMPTS_MAX && r->delay_ms <= INITIATE_DELAY_S_MAX * 1000U);
    assert(r->timeout_ms >= 10000 && r->timeout_ms <= JOB_TIMEOUT_MS_MAX);
    assert(r->user_id.len <= JOB_USER_ID_MAX && plain_text(r->user_id));
    assert(s->file_name.len <= JOB_FILE_NAME_MAX && plain_text(s->file_name));
    assert(rules->allow_simulate || !s->has_simulate);
    assert(s->format < FORMAT_COUNT && (s->archive || s->file_ids_count == 1));
    const bool holds_many = s->format == FORMAT_ZIP || s->format == FORMAT_TAR;
    assert(!s->archive || (holds_many && !s->has_sha256));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    const struct initiate_rules rules = {(data[0] & 1) != 0};
    struct initiate_request r;
    struct initiate_refusal why;
    const struct span body = {(const char *)data + 1, size - 1};
    const enum err e = initiate_parse(body, &rules, &r, &why);
    if (e == ERR_OK) {
        unsigned char print[SHA256_SIZE];
        check_accepted(&r, &rules);
        assert(initiate_fingerprint(&r, print) == ERR_OK);
        initiate_clear(&r);
    } else if (e == ERR_INVALID) {
        assert(memchr(why.pointer, '\0', sizeof why.pointer) != NULL);
        assert(why.pointer[0] == '\0' || why.pointer[0] == '/');
        assert(memchr(why.detail, '\0', sizeof why.detail) != NULL && why.detail[0] != '\0');
    }
    return 0;
}
