#include "cli/sse_reader.h"

#include <string.h>

void sse_reader_init(struct sse_reader *r, sse_take take, void *self)
{
    *r = (struct sse_reader){.retry_ms = -1, .take = take, .self = self};
    buf_init(&r->line, SSE_EVENT_BYTES_MAX);
    buf_init(&r->data, SSE_EVENT_BYTES_MAX);
}

void sse_reader_clear(struct sse_reader *r)
{
    buf_clear(&r->line);
    buf_clear(&r->data);
}

/* A name too long for us is none that we know. */
static enum err set_name(struct sse_reader *r, struct span value)
{
    if (span_copy(value, r->name, sizeof r->name) != ERR_OK) {
        return span_copy(SPAN("?"), r->name, sizeof r->name);
    }
    return ERR_OK;
}

static enum err add_data(struct sse_reader *r, struct span value)
{
    if (r->has_data) {
        TRY(buf_char(&r->data, '\n'));
    }
    r->has_data = true;
    return buf_span(&r->data, value);
}

static enum err set_id(struct sse_reader *r, struct span value)
{
    char copy[SSE_ID_SIZE];
    if (span_copy(value, copy, sizeof copy) == ERR_OK) {
        memcpy(r->id, copy, sizeof copy);
    }
    return ERR_OK;
}

static enum err set_retry(struct sse_reader *r, struct span value)
{
    uint64_t ms = 0;
    if (span_to_u64(value, &ms) == ERR_OK && ms <= INT32_MAX) {
        r->retry_ms = (int64_t)ms;
    }
    return ERR_OK;
}

static enum err take_field(struct sse_reader *r, struct span line)
{
    static const struct {
        const char *name;
        enum err (*take)(struct sse_reader *r, struct span value);
    } fields[] = {{"data", add_data}, {"event", set_name}, {"id", set_id}, {"retry", set_retry}};
    struct span name, value;
    (void)span_cut(line, ':', &name, &value);
    if (value.len > 0 && value.ptr[0] == ' ') {
        value = (struct span){value.ptr + 1, value.len - 1};
    }
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (span_eq(name, span_of(fields[i].name))) {
            return fields[i].take(r, value);
        }
    }
    return ERR_OK; /* comments have an empty name */
}

static enum err end_block(struct sse_reader *r)
{
    memcpy(r->last_id, r->id, sizeof r->id);
    bool more = true;
    if (r->has_data) {
        const struct sse_event event = {.name =
                                            r->name[0] != '\0' ? span_of(r->name) : SPAN("message"),
                                        .data = buf_as_span(&r->data),
                                        .id = span_of(r->last_id)};
        more = r->take(r->self, &event);
    }
    r->has_data = false;
    r->name[0] = '\0';
    buf_reset(&r->data);
    return more ? ERR_OK : ERR_CLOSED;
}

static enum err end_line(struct sse_reader *r)
{
    struct span line = buf_as_span(&r->line);
    if (!r->started && span_starts(line, SPAN("\xEF\xBB\xBF"))) {
        line = (struct span){line.ptr + 3, line.len - 3};
    }
    r->started = true;
    const enum err e = line.len == 0 ? end_block(r) : take_field(r, line);
    buf_reset(&r->line);
    return e;
}

/* Bytes of `s` before the first CR or LF. */
static size_t plain_len(struct span s)
{
    size_t n = 0;
    while (n < s.len && s.ptr[n] != '\n' && s.ptr[n] != '\r') {
        n++;
    }
    return n;
}

enum err sse_reader_feed(struct sse_reader *r, struct span bytes)
{
    while (bytes.len > 0) {
        size_t n = 1;
        if (r->skip_lf && bytes.ptr[0] == '\n') {
            r->skip_lf = false;
        } else if (bytes.ptr[0] == '\n' || bytes.ptr[0] == '\r') {
            r->skip_lf = bytes.ptr[0] == '\r';
            TRY(end_line(r));
        } else {
            r->skip_lf = false;
            n = plain_len(bytes);
            TRY(buf_append(&r->line, bytes.ptr, n));
        }
        bytes = (struct span){bytes.ptr + n, bytes.len - n};
    }
    return ERR_OK;
}
