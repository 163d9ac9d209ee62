#include "core/file_name.h"

#include "base/json_text.h"
#include "core/percent.h"

#include <string.h>

enum {
    EXTENSION_MAX = 17, /* bytes, with its dot: ".tar.gz" counts as ".gz" */
    /* Of a longer name only its two ends matter: what is kept of it is shorter than either. */
    HEAD_BYTES = 512,
    TAIL_BYTES = 64,
    WORK_SIZE = HEAD_BYTES + TAIL_BYTES + 1,
};

/* A name while it is being made safe. */
struct name {
    char text[WORK_SIZE];
    size_t len;
};

/* ---- characters */

static uint32_t code_point(const char *s, size_t len)
{
    const unsigned char first = (unsigned char)s[0];
    uint32_t c = len == 1 ? first : first & (0xFFU >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        c = c << 6 | ((unsigned char)s[i] & 0x3FU);
    }
    return c;
}

/* Characters that cannot be in a name or that make it look like another one. */
static bool refused(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x00, 0x1F},     {0x7F, 0x9F},     {0x061C, 0x061C}, {0x200E, 0x200F},
        {0x2028, 0x202E}, {0x2066, 0x2069}, {0xFEFF, 0xFEFF},
    };
    if (c < 0x80 && c >= 0x20) {
        return c == 0x7F || strchr("/\\<>:\"|?*", (int)c) != NULL;
    }
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        if (c >= ranges[i].first && c <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

static void take_characters(struct name *n, struct span s)
{
    while (s.len > 0) {
        const size_t len = utf8_sequence_len(s);
        const size_t taken = len > 0 ? len : 1;
        if (len == 0 || refused(code_point(s.ptr, len))) {
            n->text[n->len++] = '_';
        } else {
            memcpy(n->text + n->len, s.ptr, len);
            n->len += len;
        }
        s.ptr += taken;
        s.len -= taken;
    }
}

static void take(struct name *n, struct span s)
{
    n->len = 0;
    if (s.len <= HEAD_BYTES + TAIL_BYTES) {
        take_characters(n, s);
        return;
    }
    take_characters(n, (struct span){s.ptr, HEAD_BYTES});
    take_characters(n, (struct span){s.ptr + s.len - TAIL_BYTES, TAIL_BYTES});
}

/* ---- ends */

static void drop_end(struct name *n)
{
    while (n->len > 0 && (n->text[n->len - 1] == '.' || n->text[n->len - 1] == ' ')) {
        n->len--;
    }
}

static void mend_start(struct name *n)
{
    size_t spaces = 0;
    while (spaces < n->len && n->text[spaces] == ' ') {
        spaces++;
    }
    n->len -= spaces;
    memmove(n->text, n->text + spaces, n->len);
    for (size_t i = 0; i < n->len && n->text[i] == '.'; i++) {
        n->text[i] = '_';
    }
}

/* Windows opens a device, whatever the extension is. */
static bool is_device(const struct name *n)
{
    static const char *const words[] = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"};
    struct span base, rest;
    span_cut((struct span){n->text, n->len}, '.', &base, &rest);
    base = span_trim(base);
    if (base.len == 4 && base.ptr[3] >= '0' && base.ptr[3] <= '9') {
        const struct span port = {base.ptr, 3};
        return span_eq_nocase(port, SPAN("COM")) || span_eq_nocase(port, SPAN("LPT"));
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (span_eq_nocase(base, span_of(words[i]))) {
            return true;
        }
    }
    return false;
}

static void mark_device(struct name *n)
{
    if (is_device(n)) {
        memmove(n->text + 1, n->text, n->len);
        n->text[0] = '_';
        n->len++;
    }
}

/* Bytes of the extension with its dot; 0 if there is none worth keeping. */
static size_t extension_len(const struct name *n)
{
    const char *dot = memrchr(n->text, '.', n->len);
    if (dot == NULL || dot == n->text) {
        return 0;
    }
    const size_t len = (size_t)(n->text + n->len - dot);
    return len <= EXTENSION_MAX ? len : 0;
}

static void shorten(struct name *n)
{
    if (n->len <= JOB_FILE_NAME_MAX) {
        return;
    }
    const size_t extension = extension_len(n);
    size_t stem = JOB_FILE_NAME_MAX - extension;
    while (((unsigned char)n->text[stem] & 0xC0U) == 0x80U) {
        stem--; /* not inside of a character */
    }
    memmove(n->text + stem, n->text + n->len - extension, extension);
    n->len = stem + extension;
    drop_end(n);
}

struct span file_name_sanitise(struct span name, char out[JOB_FILE_NAME_MAX + 1])
{
    struct name n;
    take(&n, name);
    drop_end(&n);
    mend_start(&n);
    if (n.len == 0) {
        take(&n, SPAN(FILE_NAME_FALLBACK));
    }
    mark_device(&n);
    shorten(&n);
    memcpy(out, n.text, n.len);
    out[n.len] = '\0';
    return (struct span){out, n.len};
}

bool file_name_safe(struct span name)
{
    char clean[JOB_FILE_NAME_MAX + 1];
    return span_eq(name, file_name_sanitise(name, clean));
}

/* ---- header */

/* For old clients: '_' in place of what is not ASCII, and of '%', which some of them decode. */
static size_t ascii_form(struct span name, char out[JOB_FILE_NAME_MAX])
{
    size_t len = 0;
    for (size_t i = 0; i < name.len; i++) {
        const unsigned char c = (unsigned char)name.ptr[i];
        if ((c & 0xC0U) != 0x80U) {
            out[len++] = c >= 0x80 || c == '%' ? '_' : (char)c;
        }
    }
    return len;
}

void file_name_disposition(struct span name, struct buf *out)
{
    char clean[JOB_FILE_NAME_MAX + 1];
    char ascii[JOB_FILE_NAME_MAX];
    const struct span safe = file_name_sanitise(name, clean);
    const struct span plain = {ascii, ascii_form(safe, ascii)};
    (void)buf_text(out, "attachment; filename=\"");
    (void)buf_span(out, plain);
    (void)buf_char(out, '"');
    if (!span_eq(plain, safe)) {
        (void)buf_text(out, "; filename*=UTF-8''");
        percent_encode(out, safe);
    }
}
