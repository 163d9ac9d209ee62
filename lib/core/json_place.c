#include "core/json_place.h"

#include <stdbool.h>
#include <string.h>

/* One object or array that is open. */
struct frame {
    bool object;
    bool wants_key;  /* objects: the next string is a name */
    bool has_key;    /* objects: `key` names the present member */
    struct span key; /* as it stands in the text, with its escapes */
    size_t index;    /* arrays */
};

struct place {
    struct frame frames[JSON_PLACE_DEPTH_MAX];
    size_t depth; /* may be larger than the number of frames: those are not kept */
};

static struct frame *innermost(struct place *p)
{
    return p->depth > 0 && p->depth <= JSON_PLACE_DEPTH_MAX ? &p->frames[p->depth - 1] : NULL;
}

static void open_frame(struct place *p, bool object)
{
    p->depth++;
    struct frame *f = innermost(p);
    if (f != NULL) {
        *f = (struct frame){.object = object, .wants_key = object};
    }
}

static void next_member(struct place *p)
{
    struct frame *f = innermost(p);
    if (f == NULL) {
        return;
    }
    f->index++;
    f->has_key = false;
    f->wants_key = f->object;
}

/* Bytes of the string's content whose opening quote was just before `s`; all of `s` if it is not
 * closed in it. */
static size_t string_len(struct span s)
{
    size_t i = 0;
    while (i < s.len && s.ptr[i] != '"') {
        i += s.ptr[i] == '\\' ? 2 : 1;
    }
    return i < s.len ? i : s.len;
}

static void take_string(struct place *p, struct span content)
{
    struct frame *f = innermost(p);
    if (f == NULL || !f->wants_key) {
        return;
    }
    f->wants_key = false;
    f->key = content;
    f->has_key = true;
}

static void walk(struct place *p, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.ptr[i]) {
        case '{':
        case '[':
            open_frame(p, text.ptr[i] == '{');
            break;
        case '}':
        case ']':
            p->depth -= p->depth > 0 ? 1 : 0;
            break;
        case ',':
            next_member(p);
            break;
        case '"': {
            const struct span rest = {text.ptr + i + 1, text.len - i - 1};
            const size_t len = string_len(rest);
            if (len < rest.len) {
                take_string(p, (struct span){rest.ptr, len});
            }
            i += len + 1;
            break;
        }
        default:
            break;
        }
    }
}

static void add_byte(struct buf *out, char c)
{
    if (c == '~' || c == '/') {
        (void)buf_text(out, c == '~' ? "~0" : "~1");
    } else {
        (void)buf_char(out, c);
    }
}

void json_pointer_add(struct buf *out, struct span token)
{
    (void)buf_char(out, '/');
    for (size_t i = 0; i < token.len; i++) {
        add_byte(out, token.ptr[i]);
    }
}

/* ---- names as they stand in the text (RFC 8259 §7) */

/* The four hex digits at the start; -1 if they are none. */
static int32_t hex4(struct span s)
{
    int32_t n = 0;
    for (size_t i = 0; i < 4; i++) {
        const char c = i < s.len ? s.ptr[i] : '\0';
        const char lower = (char)(c | 0x20);
        if (c >= '0' && c <= '9') {
            n = n * 16 + (c - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            n = n * 16 + (lower - 'a' + 10);
        } else {
            return -1;
        }
    }
    return n;
}

static void skip(struct span *s, size_t len)
{
    s->ptr += len;
    s->len -= len;
}

/* Takes what follows "\u": four digits, or a surrogate pair. NUL and lone surrogates are no name
 * that a parser lets through. */
static bool take_code_point(struct span *s, int32_t *out)
{
    const int32_t first = hex4(*s);
    if (first <= 0 || (first >= 0xDC00 && first <= 0xDFFF)) {
        return false;
    }
    skip(s, 4);
    *out = first;
    if (first < 0xD800 || first > 0xDFFF) {
        return true;
    }
    if (!span_starts(*s, SPAN("\\u"))) {
        return false;
    }
    skip(s, 2);
    const int32_t second = hex4(*s);
    if (second < 0xDC00 || second > 0xDFFF) {
        return false;
    }
    skip(s, 4);
    *out = 0x10000 + (first - 0xD800) * 0x400 + (second - 0xDC00);
    return true;
}

static void add_code_point(struct buf *out, int32_t c)
{
    if (c < 0x80) {
        add_byte(out, (char)c);
        return;
    }
    if (c < 0x800) {
        (void)buf_char(out, (char)(0xC0 | c >> 6));
    } else if (c < 0x10000) {
        (void)buf_char(out, (char)(0xE0 | c >> 12));
        (void)buf_char(out, (char)(0x80 | (c >> 6 & 0x3F)));
    } else {
        (void)buf_char(out, (char)(0xF0 | c >> 18));
        (void)buf_char(out, (char)(0x80 | (c >> 12 & 0x3F)));
        (void)buf_char(out, (char)(0x80 | (c >> 6 & 0x3F)));
    }
    (void)buf_char(out, (char)(0x80 | (c & 0x3F)));
}

/* Takes what follows a backslash. */
static bool take_escape(struct span *s, struct buf *out)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    const char c = s->len > 0 ? s->ptr[0] : '\0';
    const char *at = c != '\0' ? strchr(letters, c) : NULL;
    int32_t code_point = 0;
    if (c == 'u') {
        skip(s, 1);
        if (!take_code_point(s, &code_point)) {
            return false;
        }
        add_code_point(out, code_point);
        return true;
    }
    if (at == NULL) {
        return false;
    }
    add_byte(out, meanings[at - letters]);
    skip(s, 1);
    return true;
}

/* False: an escape that is none. */
static bool add_name(struct buf *out, struct span key)
{
    (void)buf_char(out, '/');
    while (key.len > 0) {
        const char c = key.ptr[0];
        skip(&key, 1);
        if (c != '\\') {
            add_byte(out, c);
        } else if (!take_escape(&key, out)) {
            return false;
        }
    }
    return true;
}

/* False: this frame's member cannot be named. */
static bool add_frame(struct buf *out, const struct frame *f)
{
    if (f->object) {
        return f->has_key && add_name(out, f->key);
    }
    (void)buf_char(out, '/');
    (void)buf_u64(out, f->index);
    return true;
}

void json_place(struct span text, size_t offset, struct buf *out)
{
    struct place p = {.depth = 0};
    walk(&p, (struct span){text.ptr, offset < text.len ? offset : text.len});
    for (size_t i = 0; i < p.depth && i < JSON_PLACE_DEPTH_MAX; i++) {
        const size_t len_before = out->len;
        const bool named = add_frame(out, &p.frames[i]);
        if (!named || out->error == ERR_TOO_LARGE) {
            out->len = len_before;
            out->error = out->error == ERR_TOO_LARGE ? ERR_OK : out->error;
            return;
        }
    }
}
