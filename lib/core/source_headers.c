#include "core/source_headers.h"

bool source_header_split(struct span line, struct span *name, struct span *value)
{
    while (line.len > 0 && (line.ptr[line.len - 1] == '\r' || line.ptr[line.len - 1] == '\n')) {
        line.len--;
    }
    if (!span_cut(line, ':', name, value) || name->len == 0) {
        return false;
    }
    *value = span_trim(*value);
    return true;
}

bool source_etag_strong(struct span value)
{
    if (value.len < 2 || value.len >= ETAG_SIZE || value.ptr[0] != '"' ||
        value.ptr[value.len - 1] != '"') {
        return false;
    }
    for (size_t i = 1; i + 1 < value.len; i++) {
        const unsigned char c = (unsigned char)value.ptr[i];
        if (c < 0x21 || c == '"' || c == 0x7f) {
            return false;
        }
    }
    return true;
}

enum err source_content_range_parse(struct span value, struct content_range *out)
{
    struct span unit, range, total, first, last;
    uint64_t total_bytes;
    if (!span_cut(value, ' ', &unit, &range) || !span_eq_nocase(unit, SPAN("bytes")) ||
        !span_cut(range, '/', &range, &total) || !span_cut(range, '-', &first, &last)) {
        return ERR_INVALID;
    }
    TRY(span_to_u64(first, &out->first));
    TRY(span_to_u64(last, &out->last));
    if (out->first > out->last) {
        return ERR_INVALID;
    }
    out->total = -1;
    if (span_eq(total, SPAN("*"))) {
        return ERR_OK;
    }
    TRY(span_to_u64(total, &total_bytes));
    if (total_bytes > INT64_MAX || out->last >= total_bytes) {
        return ERR_INVALID;
    }
    out->total = (int64_t)total_bytes;
    return ERR_OK;
}
