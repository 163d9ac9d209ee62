// links: base core cli
/* The command line's reader of event streams. The first byte is the size of the pieces: however the
 * bytes arrive, the events are the same. */
#include "cli/sse_reader.h"

#include <assert.h>
#include <string.h>

/* A sum over all that was taken. */
struct taken {
    uint64_t sum;
    size_t count;
};

static void add(struct taken *t, struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        t->sum = t->sum * 31 + (unsigned char)s.ptr[i];
    }
    t->sum = t->sum * 31 + s.len;
}

static bool take(void *self, const struct sse_event *e)
{
    struct taken *t = self;
    assert(e->name.len > 0 && e->name.len < SSE_NAME_SIZE);
    assert(e->id.len < SSE_ID_SIZE && e->data.len <= SSE_EVENT_BYTES_MAX);
    t->count++;
    add(t, e->name);
    add(t, e->data);
    add(t, e->id);
    return true;
}

static enum err read_all(struct span bytes, size_t piece, struct taken *out)
{
    struct sse_reader r;
    enum err e = ERR_OK;
    *out = (struct taken){0};
    sse_reader_init(&r, take, out);
    while (bytes.len > 0 && e == ERR_OK) {
        const size_t n = bytes.len < piece ? bytes.len : piece;
        e = sse_reader_feed(&r, (struct span){bytes.ptr, n});
        bytes = (struct span){bytes.ptr + n, bytes.len - n};
    }
    assert(r.retry_ms >= -1);
    sse_reader_clear(&r);
    return e;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct taken whole, pieces;
    if (size < 2) {
        return 0;
    }
    const struct span bytes = {(const char *)data + 1, size - 1};
    const enum err e = read_all(bytes, bytes.len, &whole);
    assert(e == read_all(bytes, 1 + data[0], &pieces));
    assert(e == ERR_OK || e == ERR_TOO_LARGE);
    assert(whole.count == pieces.count && whole.sum == pieces.sum);
    return 0;
}
