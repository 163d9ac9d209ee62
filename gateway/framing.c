#include "gateway/framing.h"

#include <stdint.h>
#include <string.h>

#define NAME(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

/* What is known of the head so far. `seen` has a bit for each row of `fields`. */
struct scan {
    struct framing result;
    uint32_t seen;
    size_t fields_bytes;
};

static void fault(struct scan *s, enum framing_fault f)
{
    if (s->result.fault == FRAMING_OK || f < s->result.fault) {
        s->result.fault = f;
    }
}

/* RFC 9110 §5.6.2 */
static bool is_token(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.ptr[i];
        const unsigned char lower = c | 0x20;
        const bool plain = (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');
        if (!plain && (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL)) {
            return false;
        }
    }
    return text.len > 0;
}

/* ---- the headers that matter here */

static void check_host(struct scan *s, struct span value)
{
    for (size_t i = 0; i < value.len; i++) {
        const unsigned char c = (unsigned char)value.ptr[i];
        if (c <= 0x20 || c >= 0x7F || strchr("/?#@\\\"<>^`{|}", c) != NULL) {
            fault(s, FRAMING_HOST);
        }
    }
}

static void check_length(struct scan *s, struct span value)
{
    uint64_t n;
    if (span_to_u64(value, &n) != ERR_OK) {
        fault(s, FRAMING_LENGTH);
    }
}

static void check_encoding(struct scan *s, struct span value)
{
    s->result.close = true;
    if (!span_eq_nocase(value, SPAN("chunked"))) {
        fault(s, FRAMING_ENCODING);
    }
}

/* libh2o would let keep-alive win over close (RFC 9112 §9.3 has it the other way). */
static void check_connection(struct scan *s, struct span value)
{
    while (value.len > 0) {
        struct span option;
        span_cut(value, ',', &option, &value);
        s->result.close |= span_eq_nocase(span_trim(option), SPAN("close"));
    }
}

struct field {
    struct span name;
    void (*check)(struct scan *s, struct span value);
    enum framing_fault repeated; /* FRAMING_OK: may stand more than once */
};

enum { FIELD_HOST, FIELD_LENGTH, FIELD_ENCODING };
static const struct field fields[] = {
    [FIELD_HOST] = {NAME("host"), check_host, FRAMING_HOST},
    [FIELD_LENGTH] = {NAME("content-length"), check_length, FRAMING_LENGTH},
    [FIELD_ENCODING] = {NAME("transfer-encoding"), check_encoding, FRAMING_ENCODING},
    {NAME("connection"), check_connection, FRAMING_OK},
    {NAME("idempotency-key"), NULL, FRAMING_REPEATED_KEY},
    {NAME("content-type"), NULL, FRAMING_REPEATED},
    {NAME("authorization"), NULL, FRAMING_REPEATED},
    {NAME("last-event-id"), NULL, FRAMING_REPEATED},
    {NAME("expect"), NULL, FRAMING_REPEATED},
    {NAME("origin"), NULL, FRAMING_REPEATED},
    {NAME("range"), NULL, FRAMING_REPEATED},
    {NAME("if-range"), NULL, FRAMING_REPEATED},
    {NAME("if-modified-since"), NULL, FRAMING_REPEATED},
    {NAME("if-unmodified-since"), NULL, FRAMING_REPEATED},
};
enum { FIELDS = sizeof fields / sizeof fields[0] };
_Static_assert(FIELDS <= 32, "a bit of `seen` for each");

static void see_field(struct scan *s, const struct field *f, struct span value)
{
    const uint32_t bit = UINT32_C(1) << (f - fields);
    if ((s->seen & bit) != 0 && f->repeated != FRAMING_OK) {
        fault(s, f->repeated);
        if (s->result.repeated.len == 0) {
            s->result.repeated = f->name;
        }
    }
    s->seen |= bit;
    if (f->check != NULL) {
        f->check(s, value);
    }
}

static void see_field_line(struct scan *s, struct span line)
{
    struct span name, value;
    if (!span_cut(line, ':', &name, &value) || !is_token(name)) {
        fault(s, FRAMING_FIELD);
        return;
    }
    for (size_t i = 0; i < FIELDS; i++) {
        if (span_eq_nocase(name, fields[i].name)) {
            see_field(s, &fields[i], span_trim(value));
            return;
        }
    }
}

/* ---- lines */

static void see_request_line(struct scan *s, struct span line)
{
    struct span method, target, rest;
    span_cut(line, ' ', &method, &rest);
    span_cut(rest, ' ', &target, &rest);
    if (!is_token(method)) {
        fault(s, FRAMING_METHOD);
    }
    if (target.len > FRAMING_TARGET_MAX) {
        fault(s, FRAMING_TARGET_LONG);
    }
}

/* Takes one line off the front, without its CRLF; false when there is none. */
static bool next_line(struct scan *s, struct span *rest, struct span *line)
{
    const char *end = rest->len > 0 ? memchr(rest->ptr, '\n', rest->len) : NULL;
    if (end == NULL) {
        return false;
    }
    *line = (struct span){rest->ptr, (size_t)(end - rest->ptr)};
    rest->ptr = end + 1;
    rest->len -= line->len + 1;
    if (line->len == 0 || line->ptr[line->len - 1] != '\r') {
        fault(s, FRAMING_LINE_END);
        return true;
    }
    line->len--;
    return true;
}

static void see_lines(struct scan *s, struct span head)
{
    struct span line;
    bool first = true;
    while (next_line(s, &head, &line)) {
        if (line.len == 0 && !first) {
            return;
        }
        if (!first) {
            s->fields_bytes += line.len + 2;
            see_field_line(s, line);
        } else if (line.len > 0) { /* empty lines before the request line are allowed */
            see_request_line(s, line);
            first = false;
        }
    }
}

/* ---- what the lines mean together */

static bool seen(const struct scan *s, int field)
{
    return (s->seen >> field & 1U) != 0;
}

struct framing framing_check(struct span head, bool http_1_1)
{
    struct scan s = {.seen = 0};
    see_lines(&s, head);
    if (s.fields_bytes > FRAMING_FIELDS_MAX) {
        fault(&s, FRAMING_FIELDS_LARGE);
    }
    if (http_1_1 && !seen(&s, FIELD_HOST)) {
        fault(&s, FRAMING_HOST);
    }
    if (!http_1_1 && seen(&s, FIELD_ENCODING)) {
        fault(&s, FRAMING_ENCODING);
    }
    if (seen(&s, FIELD_LENGTH) && seen(&s, FIELD_ENCODING)) {
        fault(&s, FRAMING_TWO_ENDS);
    }
    s.result.close |= s.result.fault != FRAMING_OK && s.result.fault < FRAMING_REPEATED;
    return s.result;
}
