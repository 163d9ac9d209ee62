// links: base core
/* A file's name, made safe and put into a header; and the other headers that are lists. */
#include "core/accept.h"
#include "core/etag.h"
#include "core/file_name.h"
#include "core/idempotency.h"
#include "core/plain_text.h"

#include <assert.h>
#include <string.h>

static void check_name(struct span text)
{
    char out[JOB_FILE_NAME_MAX + 1];
    const struct span name = file_name_sanitise(text, out);
    assert(name.len >= 1 && name.len <= JOB_FILE_NAME_MAX && plain_text(name));
    assert(name.ptr[0] != '.' && memchr(name.ptr, '/', name.len) == NULL);
    assert(file_name_safe(name));
    struct buf b;
    buf_init(&b, 4096);
    file_name_disposition(text, &b);
    assert(buf_error(&b) == ERR_OK);
    for (size_t i = 0; i < b.len; i++) {
        assert(b.data[i] >= 0x20 && b.data[i] < 0x7F);
    }
    buf_clear(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span text = {(const char *)data, size};
    check_name(text);
    const int quality = accept_quality(text, SPAN("text/html"));
    assert(quality >= 0 && quality <= ACCEPT_QUALITY_MAX);
    (void)etag_none_match_has(text, SPAN("W/\"7\""));
    struct idempotency_key key;
    if (idempotency_key_parse(text, &key) == ERR_OK) {
        assert(key.len >= 1 && key.len <= IDEMPOTENCY_KEY_MAX);
    }
    return 0;
}
