// links: base core
/* Cursors of streams of many jobs. The first byte says of how many jobs; the rest is the text. What
 * is read is written back as it was: there is one text for each cursor. */
#include "core/stream_cursor.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static void write_back(struct span text, const struct buf *written)
{
    assert(buf_error(written) == ERR_OK);
    assert(span_eq(text, buf_as_span(written)));
}

static void try_list(struct span text, size_t count, struct buf *out)
{
    static struct stream_entry entries[STREAM_JOBS_MAX];
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(entries[i].job_id, sizeof entries[i].job_id, "%027zu", i);
    }
    if (stream_cursor_read_list(text, entries, count)) {
        stream_cursor_write_list(entries, count, out);
        write_back(text, out);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        assert(entries[i].version == 0);
    }
}

/* The shared prefix may be written shorter than it could be: only what is meant is the same. */
static void try_user(struct span text, struct buf *out)
{
    static struct stream_user_cursor c, again;
    if (!stream_cursor_read_user(SPAN("u"), text, &c)) {
        return;
    }
    assert(c.count <= STREAM_JOBS_MAX);
    stream_cursor_write_user(SPAN("u"), &c, out);
    assert(buf_error(out) == ERR_OK);
    assert(stream_cursor_read_user(SPAN("u"), buf_as_span(out), &again));
    assert(strcmp(c.since, again.since) == 0 && c.count == again.count);
    for (size_t i = 0; i < c.count; i++) {
        assert(job_id_valid(span_of(c.entries[i].job_id)));
        assert(strcmp(c.entries[i].job_id, again.entries[i].job_id) == 0);
        assert(c.entries[i].version == again.entries[i].version);
        assert(i == 0 || strcmp(c.entries[i - 1].job_id, c.entries[i].job_id) < 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf out;
    if (size == 0) {
        return 0;
    }
    const struct span text = {(const char *)data + 1, size - 1};
    buf_init(&out, STREAM_CURSOR_MAX);
    try_list(text, data[0] % (STREAM_JOBS_MAX + 1), &out);
    buf_reset(&out);
    try_user(text, &out);
    buf_clear(&out);
    return 0;
}
