#include "core/json_place.h"

#include <stdbool.h>
#include <string.h>

/* One object or array that is open. */
struct frame {
    bool object;
    bool wants_key;  /* objects: the next string is a name */
    bool has_key;    /* objects: `key` names the present member */
    struct span key; /* as it stands in the text */
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
    /* A name with escapes is not undone here: its object is named instead. */
    f->has_key = content.len == 0 || memchr(content.ptr, '\\', content.len) == NULL;
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

void json_pointer_add(struct buf *out, struct span token)
{
    (void)buf_char(out, '/');
    for (size_t i = 0; i < token.len; i++) {
        if (token.ptr[i] == '~' || token.ptr[i] == '/') {
            (void)buf_text(out, token.ptr[i] == '~' ? "~0" : "~1");
        } else {
            (void)buf_char(out, token.ptr[i]);
        }
    }
}

void json_place(struct span text, size_t offset, struct buf *out)
{
    struct place p = {.depth = 0};
    walk(&p, (struct span){text.ptr, offset < text.len ? offset : text.len});
    for (size_t i = 0; i < p.depth && i < JSON_PLACE_DEPTH_MAX; i++) {
        const struct frame *f = &p.frames[i];
        const size_t len_before = out->len;
        if (!f->object) {
            (void)buf_char(out, '/');
            (void)buf_u64(out, f->index);
        } else if (f->has_key) {
            json_pointer_add(out, f->key);
        } else {
            return;
        }
        if (out->error == ERR_TOO_LARGE) {
            out->len = len_before;
            out->error = ERR_OK;
            return;
        }
    }
}
