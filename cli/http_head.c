#include "cli/http_head.h"

#include <stddef.h>

static const struct {
    const char *name;
    size_t offset, size;
} kept[] = {
#define FIELD(name, member)                                                                        \
    {                                                                                              \
        name, offsetof(struct http_head, member), sizeof(((struct http_head *)0)->member)          \
    }
    FIELD("content-type", content_type),
    FIELD("etag", etag),
    FIELD("content-disposition", disposition),
    FIELD("content-range", content_range),
    FIELD("date", date),
#undef FIELD
};

void http_head_line(struct http_head *h, struct span line)
{
    struct span name, value;
    while (line.len > 0 && (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r')) {
        line.len--;
    }
    if (span_starts(line, SPAN("HTTP/"))) {
        *h = (struct http_head){.status = 0};
        return;
    }
    if (!source_header_split(line, &name, &value)) {
        return;
    }
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        char *to = (char *)h + kept[i].offset;
        if (span_eq_nocase(name, span_of(kept[i].name)) &&
            span_copy(value, to, kept[i].size) != ERR_OK) {
            to[0] = '\0';
        }
    }
}
