#include "gateway/framing.h"

#include <string.h>

struct framing_seen {
    unsigned host, length, encoding;
    bool odd; /* something that parsers read differently */
};

static bool all_digits(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9') {
            return false;
        }
    }
    return s.len > 0;
}

static void see_line(struct framing_seen *seen, struct span line)
{
    struct span name, value;
    if (line.ptr[0] == ' ' || line.ptr[0] == '\t' || !span_cut(line, ':', &name, &value) ||
        name.len == 0 || name.ptr[name.len - 1] == ' ' || name.ptr[name.len - 1] == '\t') {
        seen->odd = true; /* folded (RFC 9112 §5.2), or space before the colon (§5.1) */
        return;
    }
    if (span_eq_nocase(name, SPAN("content-length"))) {
        seen->length++;
        seen->odd |= !all_digits(span_trim(value));
    } else if (span_eq_nocase(name, SPAN("transfer-encoding"))) {
        seen->encoding++;
        seen->odd |= !span_eq_nocase(span_trim(value), SPAN("chunked"));
    } else if (span_eq_nocase(name, SPAN("host"))) {
        seen->host++;
    }
}

/* Takes one line off the front, without its CRLF; false when there is none. */
static bool next_line(struct span *rest, struct span *line, bool *bare_lf)
{
    const char *end = rest->len > 0 ? memchr(rest->ptr, '\n', rest->len) : NULL;
    if (end == NULL) {
        return false;
    }
    *line = (struct span){rest->ptr, (size_t)(end - rest->ptr)};
    rest->ptr = end + 1;
    rest->len -= line->len + 1;
    if (line->len == 0 || line->ptr[line->len - 1] != '\r') {
        *bare_lf = true;
        return true;
    }
    line->len--;
    return true;
}

bool framing_is_plain(struct span head, bool http_1_1)
{
    struct framing_seen seen = {0};
    struct span line;
    bool first = true;
    while (next_line(&head, &line, &seen.odd)) {
        if (line.len == 0 && !first) {
            break;
        }
        if (!first) {
            see_line(&seen, line);
        }
        first = first && line.len == 0; /* empty lines before the request line are allowed */
    }
    return !seen.odd && seen.length + seen.encoding <= 1 && seen.host <= 1 &&
           (seen.host == 1 || !http_1_1) && (seen.encoding == 0 || http_1_1);
}
