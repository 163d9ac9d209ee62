#include "core/etag.h"

#include <stddef.h>
#include <string.h>

static struct span without_weak(struct span tag)
{
    if (span_starts(tag, SPAN("W/"))) {
        tag.ptr += 2;
        tag.len -= 2;
    }
    return tag;
}

static bool is_opaque_tag(struct span tag)
{
    return tag.len >= 2 && tag.ptr[0] == '"' && tag.ptr[tag.len - 1] == '"';
}

/* Takes the next tag, quotes included and W/ dropped, off the front of a list. False at its end or
 * at what is not a tag. */
static bool next_tag(struct span *list, struct span *out)
{
    while (list->len > 0 && (list->ptr[0] == ',' || list->ptr[0] == ' ' || list->ptr[0] == '\t')) {
        list->ptr++;
        list->len--;
    }
    const struct span rest = without_weak(*list);
    if (rest.len < 2 || rest.ptr[0] != '"') {
        return false;
    }
    const char *end = memchr(rest.ptr + 1, '"', rest.len - 1);
    if (end == NULL) {
        return false;
    }
    const size_t len = (size_t)(end + 1 - rest.ptr);
    *out = (struct span){rest.ptr, len};
    *list = (struct span){rest.ptr + len, rest.len - len};
    return true;
}

bool etag_none_match_has(struct span if_none_match, struct span etag)
{
    struct span list = span_trim(if_none_match);
    if (span_eq(list, SPAN("*"))) {
        return true;
    }
    const struct span wanted = without_weak(etag);
    struct span tag;
    while (next_tag(&list, &tag)) {
        if (span_eq(tag, wanted)) {
            return true;
        }
    }
    return false;
}

bool etag_match_has(struct span if_match, struct span etag)
{
    struct span list = span_trim(if_match);
    if (span_eq(list, SPAN("*"))) {
        return true;
    }
    const char *const first = list.ptr;
    struct span tag;
    while (next_tag(&list, &tag)) {
        const bool weak = tag.ptr > first && tag.ptr[-1] == '/'; /* W/ is dropped from it */
        if (!weak && etag_strong_eq(tag, etag)) {
            return true;
        }
    }
    return false;
}

bool etag_strong_eq(struct span a, struct span b)
{
    return is_opaque_tag(a) && span_eq(a, b);
}
