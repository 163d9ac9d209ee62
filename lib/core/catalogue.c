#include "core/catalogue.h"

#include "core/source_names.h"
#include "core/transfer_rules.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define PLACE "{file_id}"

static const struct {
    struct span prefix;
    enum url_scheme scheme;
} SCHEMES[] = {
    {{"http://", 7}, URL_HTTP},
    {{"https://", 8}, URL_HTTP},
    {{"file:", 5}, URL_FILE},
};

enum url_scheme catalogue_url_scheme(struct span url)
{
    for (size_t i = 0; i < sizeof(SCHEMES) / sizeof(SCHEMES[0]); i++) {
        const size_t len = SCHEMES[i].prefix.len;
        if (url.len > len && span_eq_nocase((struct span){url.ptr, len}, SCHEMES[i].prefix)) {
            return SCHEMES[i].scheme;
        }
    }
    return URL_OTHER;
}

/* Neither blanks nor controls nor bytes outside ASCII (RFC 3986 §2); curl gets nothing stranger. */
static bool url_valid(struct span url)
{
    for (size_t i = 0; i < url.len; i++) {
        if (url.ptr[i] <= ' ' || url.ptr[i] > '~') {
            return false;
        }
    }
    return url.len <= CATALOGUE_URL_MAX && catalogue_url_scheme(url) != URL_OTHER;
}

enum err catalogue_template_check(struct span url_template)
{
    const bool named = url_template.len > 0 &&
                       memmem(url_template.ptr, url_template.len, PLACE, sizeof(PLACE) - 1) != NULL;
    return named && url_valid(url_template) ? ERR_OK : ERR_INVALID;
}

enum err catalogue_template_expand(struct span rest, uint64_t file_id, struct buf *out)
{
    const size_t start = out->len;
    for (;;) {
        const char *at = rest.len > 0 ? memmem(rest.ptr, rest.len, PLACE, sizeof(PLACE) - 1) : NULL;
        if (at == NULL) {
            break;
        }
        const size_t before = (size_t)(at - rest.ptr);
        TRY(buf_append(out, rest.ptr, before));
        TRY(buf_u64(out, file_id));
        rest = (struct span){at + sizeof(PLACE) - 1, rest.len - before - (sizeof(PLACE) - 1)};
    }
    TRY(buf_span(out, rest));
    return out->len - start <= CATALOGUE_URL_MAX ? ERR_OK : ERR_TOO_LARGE;
}

enum err catalogue_sha256_parse(struct span hex, unsigned char out[SHA256_SIZE])
{
    if (hex.len != SHA256_HEX_LEN) {
        return ERR_INVALID;
    }
    for (size_t i = 0; i < hex.len; i++) {
        const unsigned char c = (unsigned char)hex.ptr[i];
        if (!isxdigit(c)) {
            return ERR_INVALID;
        }
        const unsigned value = (unsigned)(isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
        out[i / 2] = (unsigned char)(i % 2 == 0 ? value << 4 : out[i / 2] | value);
    }
    return ERR_OK;
}

/* ---- one member of a line each; `value` has been found */

static struct span text_of(const json_t *value)
{
    return (struct span){json_string_value(value), json_string_length(value)};
}

static enum err take_file_id(const json_t *value, struct catalogue_entry *e)
{
    const json_int_t n = json_integer_value(value);
    if (!json_is_integer(value) || n < 1 || (uint64_t)n > JOB_FILE_ID_MAX) {
        return ERR_INVALID;
    }
    e->file_id = (uint64_t)n;
    return ERR_OK;
}

static enum err take_size(const json_t *value, struct catalogue_entry *e)
{
    e->size_bytes = json_integer_value(value);
    return json_is_integer(value) && e->size_bytes >= 0 ? ERR_OK : ERR_INVALID;
}

static enum err take_url(const json_t *value, struct catalogue_entry *e)
{
    e->url = text_of(value);
    return json_is_string(value) && url_valid(e->url) ? ERR_OK : ERR_INVALID;
}

static enum err take_file_name(const json_t *value, struct catalogue_entry *e)
{
    e->file_name = text_of(value);
    return json_is_string(value) ? ERR_OK : ERR_INVALID;
}

static enum err take_content_type(const json_t *value, struct catalogue_entry *e)
{
    e->content_type = text_of(value);
    return json_is_string(value) && source_content_type_valid(e->content_type) ? ERR_OK
                                                                               : ERR_INVALID;
}

static enum err take_sha256(const json_t *value, struct catalogue_entry *e)
{
    e->has_sha256 = true;
    return json_is_string(value) ? catalogue_sha256_parse(text_of(value), e->sha256) : ERR_INVALID;
}

static enum err take_class(const json_t *value, struct catalogue_entry *e)
{
    e->class_name = text_of(value);
    return json_is_string(value) && e->class_name.len > 0 && e->class_name.len < CLASS_NAME_SIZE
               ? ERR_OK
               : ERR_INVALID;
}

static const struct member {
    const char *name;
    bool required;
    enum err (*take)(const json_t *value, struct catalogue_entry *e);
    const char *what;
} MEMBERS[] = {
    {"file_id", true, take_file_id, "file_id must be an integer from 1 to 2^53-1"},
    {"url", true, take_url, "url must be http, https or file, in printable ASCII"},
    {"fileName", false, take_file_name, "fileName must be text"},
    {"contentType", false, take_content_type, "contentType must be a media type"},
    {"size", false, take_size, "size must be an integer from 0"},
    {"sha256", false, take_sha256, "sha256 must be 64 hex digits"},
    {"class", false, take_class, "class must be 1 to 32 bytes of text"},
};
enum { MEMBER_COUNT = sizeof(MEMBERS) / sizeof(MEMBERS[0]) };

static enum err entry_read(const json_t *line, struct catalogue_entry *e, const char **what)
{
    size_t known = 0;
    for (size_t i = 0; i < MEMBER_COUNT; i++) {
        const json_t *value = json_object_get(line, MEMBERS[i].name);
        if (value == NULL && !MEMBERS[i].required) {
            continue;
        }
        if (value == NULL || MEMBERS[i].take(value, e) != ERR_OK) {
            *what = MEMBERS[i].what;
            return ERR_INVALID;
        }
        known++;
    }
    if (known != json_object_size(line)) {
        *what = "a member has an unknown name";
        return ERR_INVALID;
    }
    return ERR_OK;
}

static struct span moved(struct span s, char **at)
{
    const struct span copy = {*at, s.len};
    if (s.len > 0) {
        memcpy(*at, s.ptr, s.len);
    }
    *at += s.len;
    return copy;
}

/* One allocation for the struct and all its text. */
static enum err entry_copy(const struct catalogue_entry *e, struct catalogue_entry **out)
{
    const size_t text = e->url.len + e->file_name.len + e->content_type.len + e->class_name.len;
    struct catalogue_entry *copy = malloc(sizeof(*copy) + text);
    if (copy == NULL) {
        return ERR_NOMEM;
    }
    *copy = *e;
    char *at = (char *)(copy + 1);
    copy->url = moved(e->url, &at);
    copy->file_name = moved(e->file_name, &at);
    copy->content_type = moved(e->content_type, &at);
    copy->class_name = moved(e->class_name, &at);
    *out = copy;
    return ERR_OK;
}

enum err catalogue_entry_new(struct span line, struct catalogue_entry **out, const char **what)
{
    struct catalogue_entry e = {.size_bytes = -1};
    if (line.len == 0 || line.len > CATALOGUE_LINE_MAX) {
        *what = "the line is empty or too long";
        return ERR_INVALID;
    }
    json_t *json = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(json)) {
        json_decref(json);
        *what = "it is not one JSON object, or has a member twice";
        return ERR_INVALID;
    }
    enum err err = entry_read(json, &e, what);
    if (err == ERR_OK) {
        err = entry_copy(&e, out);
    }
    json_decref(json);
    return err;
}

void catalogue_entry_destroy(struct catalogue_entry **e)
{
    free(*e);
    *e = NULL;
}
