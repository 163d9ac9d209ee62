#include "core/source_names.h"

#include <ctype.h>
#include <string.h>

enum { RAW_MAX = 1024 }; /* bytes of a name before it is cleaned; more is cut off */

/* Decodes one character. Returns its length, or 0 for bytes that are not UTF-8 (RFC 3629). */
static size_t utf8_next(struct span s, uint32_t *out)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char first = (unsigned char)s.ptr[0];
    const size_t len = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if ((first >= 0x80 && first < 0xc2) || first > 0xf4 || len > s.len) {
        return 0;
    }
    uint32_t c = len == 1 ? first : first & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        const unsigned char next = (unsigned char)s.ptr[i];
        if ((next & 0xc0) != 0x80) {
            return 0;
        }
        c = c << 6 | (next & 0x3f);
    }
    if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
        return 0;
    }
    *out = c;
    return len;
}

/* Characters that have no place in a name: they are invisible, or make it read differently. */
static bool is_unwanted(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e ||
           c == 0x200f;
}

static struct span last_part(struct span raw)
{
    for (size_t i = raw.len; i > 0; i--) {
        if (raw.ptr[i - 1] == '/' || raw.ptr[i - 1] == '\\') {
            return (struct span){raw.ptr + i, raw.len - i};
        }
    }
    return raw;
}

static bool only_dots(const char *text, size_t len)
{
    return strspn(text, ".") == len;
}

enum err source_name_clean(struct span raw, char out[FILE_NAME_SIZE])
{
    struct span s = last_part(raw);
    size_t len = 0;
    while (s.len > 0) {
        uint32_t c = '_';
        const size_t took = utf8_next(s, &c);
        const char *piece = took == 0 ? "_" : s.ptr;
        const size_t size = took == 0 ? 1 : took;
        const bool blank_front = c == ' ' && len == 0;
        if (!is_unwanted(c) && !blank_front) {
            if (len + size > JOB_FILE_NAME_MAX) {
                break;
            }
            memcpy(out + len, piece, size);
            len += size;
        }
        s = (struct span){s.ptr + size, s.len - size};
    }
    while (len > 0 && out[len - 1] == ' ') {
        len--;
    }
    out[len] = '\0';
    return only_dots(out, len) ? ERR_INVALID : ERR_OK;
}

static int hex_value(char c)
{
    const unsigned char u = (unsigned char)c;
    if (!isxdigit(u)) {
        return -1;
    }
    return isdigit(u) ? u - '0' : tolower(u) - 'a' + 10;
}

/* RFC 3986 §2.1; a '%' that starts no escape stays. Cuts at RAW_MAX. */
static size_t percent_decode(struct span s, char out[RAW_MAX])
{
    size_t len = 0;
    for (size_t i = 0; i < s.len && len < RAW_MAX; i++) {
        const int high = s.ptr[i] == '%' && i + 2 < s.len ? hex_value(s.ptr[i + 1]) : -1;
        const int low = high >= 0 ? hex_value(s.ptr[i + 2]) : -1;
        if (low >= 0) {
            out[len++] = (char)(high << 4 | low);
            i += 2;
        } else {
            out[len++] = s.ptr[i];
        }
    }
    return len;
}

static struct span after_authority(struct span url)
{
    const char *mark = url.len >= 3 ? memmem(url.ptr, url.len, "://", 3) : NULL;
    if (mark == NULL) {
        return url;
    }
    const size_t skip = (size_t)(mark - url.ptr) + 3;
    const struct span rest = {url.ptr + skip, url.len - skip};
    const char *slash = rest.len > 0 ? memchr(rest.ptr, '/', rest.len) : NULL;
    return slash == NULL ? SPAN("") : (struct span){slash, rest.len - (size_t)(slash - rest.ptr)};
}

enum err source_name_of_url(struct span url, char out[FILE_NAME_SIZE])
{
    char raw[RAW_MAX];
    struct span path, rest;
    (void)span_cut(url, '#', &path, &rest);
    (void)span_cut(path, '?', &path, &rest);
    /* The last segment before decoding: an encoded slash is part of the name, and is cleaned. */
    const size_t len = percent_decode(last_part(after_authority(path)), raw);
    return source_name_clean((struct span){raw, len}, out);
}

/* Content-Disposition = type *( ";" name "=" value ): takes the next parameter off *rest. */
static bool next_parameter(struct span *rest, struct span *name, struct span *value)
{
    size_t i = 0;
    bool quoted = false;
    while (i < rest->len && (quoted || rest->ptr[i] != ';')) {
        if (quoted && rest->ptr[i] == '\\' && i + 1 < rest->len) {
            i++;
        } else if (rest->ptr[i] == '"') {
            quoted = !quoted;
        }
        i++;
    }
    if (rest->len == 0) {
        return false;
    }
    const struct span item = {rest->ptr, i};
    const size_t used = i < rest->len ? i + 1 : i;
    *rest = (struct span){rest->ptr + used, rest->len - used};
    (void)span_cut(item, '=', name, value);
    *name = span_trim(*name);
    *value = span_trim(*value);
    return true;
}

/* token or quoted-string (RFC 9110 §5.6.4) */
static enum err name_of_plain(struct span value, char out[FILE_NAME_SIZE])
{
    char raw[RAW_MAX];
    size_t len = 0;
    const bool quoted = value.len > 0 && value.ptr[0] == '"';
    const bool closed = quoted && value.len > 1 && value.ptr[value.len - 1] == '"';
    const size_t end = closed ? value.len - 1 : value.len;
    for (size_t i = quoted ? 1 : 0; i < end && len < RAW_MAX; i++) {
        if (quoted && value.ptr[i] == '\\' && i + 1 < end) {
            i++;
        }
        raw[len++] = value.ptr[i];
    }
    return source_name_clean((struct span){raw, len}, out);
}

static size_t latin1_to_utf8(const char *in, size_t len, char *out)
{
    size_t made = 0;
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)in[i];
        if (c < 0x80) {
            out[made++] = (char)c;
        } else {
            out[made++] = (char)(0xc0 | c >> 6);
            out[made++] = (char)(0x80 | (c & 0x3f));
        }
    }
    return made;
}

/* RFC 8187 §3.2.1: charset'language'percent-encoded */
static enum err name_of_extended(struct span value, char out[FILE_NAME_SIZE])
{
    char raw[RAW_MAX];
    char utf8[2 * RAW_MAX];
    struct span charset, language, encoded;
    if (!span_cut(value, '\'', &charset, &encoded) ||
        !span_cut(encoded, '\'', &language, &encoded)) {
        return ERR_INVALID;
    }
    const size_t len = percent_decode(encoded, raw);
    if (span_eq_nocase(charset, SPAN("UTF-8"))) {
        return source_name_clean((struct span){raw, len}, out);
    }
    if (span_eq_nocase(charset, SPAN("ISO-8859-1"))) {
        return source_name_clean((struct span){utf8, latin1_to_utf8(raw, len, utf8)}, out);
    }
    return ERR_UNSUPPORTED;
}

enum err source_name_of_disposition(struct span value, char out[FILE_NAME_SIZE])
{
    struct span name, text;
    char plain[FILE_NAME_SIZE];
    bool has_plain = false;
    while (next_parameter(&value, &name, &text)) {
        if (span_eq_nocase(name, SPAN("filename*")) && name_of_extended(text, out) == ERR_OK) {
            return ERR_OK;
        }
        if (!has_plain && span_eq_nocase(name, SPAN("filename"))) {
            has_plain = name_of_plain(text, plain) == ERR_OK;
        }
    }
    if (!has_plain) {
        return ERR_NOT_FOUND;
    }
    memcpy(out, plain, sizeof(plain));
    return ERR_OK;
}

static bool is_token(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        const unsigned char c = (unsigned char)s.ptr[i];
        if (!isalnum(c) && memchr("!#$%&'*+-.^_`|~", c, 15) == NULL) {
            return false;
        }
    }
    return s.len > 0;
}

bool source_content_type_valid(struct span value)
{
    struct span type, subtype, parameters;
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] < 0x20 || value.ptr[i] > 0x7e) {
            return false;
        }
    }
    (void)span_cut(value, ';', &value, &parameters);
    return value.len + parameters.len < JOB_CONTENT_TYPE_MAX &&
           span_cut(span_trim(value), '/', &type, &subtype) && is_token(type) && is_token(subtype);
}
