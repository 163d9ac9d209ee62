// links: base core
/* Range and If-Range. The first byte chooses the size of the file; the headers are two lines. */
#include "core/range.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint64_t sizes[] = {0, 1, 2, 1000, UINT32_MAX, UINT64_MAX};
    if (size == 0) {
        return 0;
    }
    const uint64_t bytes = sizes[data[0] % (sizeof(sizes) / sizeof(sizes[0]))];
    struct range_request request = {.etag = SPAN("\"k.1\""), .last_modified_s = 784111777};
    span_cut((struct span){(const char *)data + 1, size - 1}, '\n', &request.range,
             &request.if_range);
    const struct range r = range_decide(&request, bytes);
    struct buf b;
    buf_init(&b, 128);
    switch (r.kind) {
    case RANGE_WHOLE:
        assert(r.first_byte == 0 && r.len_bytes == bytes);
        break;
    case RANGE_PART:
        assert(r.len_bytes > 0 && r.first_byte < bytes && r.len_bytes <= bytes - r.first_byte);
        range_content_range(&r, bytes, &b);
        break;
    case RANGE_UNSATISFIABLE:
        assert(r.len_bytes == 0);
        range_content_range(&r, bytes, &b);
        break;
    }
    assert(buf_error(&b) == ERR_OK);
    buf_clear(&b);
    return 0;
}
