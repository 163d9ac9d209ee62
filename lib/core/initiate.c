#include "core/initiate.h"

#include "core/initiate_read.h"
#include "core/json_place.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { ID_SLOTS = 2048 }; /* of the set below; twice JOB_FILE_IDS_MAX, a power of two */
_Static_assert(ID_SLOTS >= 2 * JOB_FILE_IDS_MAX, "the set of ids must stay half empty");

/* ---- the root's members */

static enum err read_file_id(struct reading *r, struct span name, json_t *value)
{
    TRY(read_integer(r, name, value, 1, JOB_FILE_ID_MAX, &r->out->file_id));
    r->has_file_id = true;
    return ERR_OK;
}

/* Puts `id` into a set of at most JOB_FILE_IDS_MAX ids; false if it is there already. Ids are never
 * 0, which marks a free slot. */
static bool add_id(uint64_t set[ID_SLOTS], uint64_t id)
{
    size_t slot = (size_t)((id * UINT64_C(0x9E3779B97F4A7C15)) >> 53);
    while (set[slot] != 0) {
        if (set[slot] == id) {
            return false;
        }
        slot = (slot + 1) % ID_SLOTS;
    }
    set[slot] = id;
    return true;
}

static enum err refuse_id(struct reading *r, size_t index, const char *why)
{
    char name[32];
    const int len = snprintf(name, sizeof name, "%zu", index);
    r->parent = "/file_ids";
    return refuse(r, (struct span){name, (size_t)len}, "%s", why);
}

static enum err read_ids(struct reading *r, json_t *array)
{
    uint64_t seen[ID_SLOTS] = {0};
    const size_t count = json_array_size(array);
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(array, i);
        const json_int_t id = json_is_integer(value) ? json_integer_value(value) : 0;
        if (id < 1 || (uint64_t)id > JOB_FILE_ID_MAX) {
            return refuse_id(r, i, "must be an integer from 1 to 9007199254740991");
        }
        if (!add_id(seen, (uint64_t)id)) {
            return refuse_id(r, i, "names a file that the list has already");
        }
        r->out->file_ids[i] = (uint64_t)id;
    }
    r->out->spec.file_ids_count = count;
    return ERR_OK;
}

static enum err read_file_ids(struct reading *r, struct span name, json_t *value)
{
    const size_t count = json_array_size(value); /* 0 if it is not an array */
    if (count < 1 || count > JOB_FILE_IDS_MAX) {
        return refuse(r, name, "must be an array of 1 to %d file ids", JOB_FILE_IDS_MAX);
    }
    r->out->file_ids = calloc(count, sizeof *r->out->file_ids);
    if (r->out->file_ids == NULL) {
        return ERR_NOMEM;
    }
    r->has_file_ids = true;
    return read_ids(r, value);
}

static enum err read_user_id(struct reading *r, struct span name, json_t *value)
{
    if (json_is_null(value)) {
        return ERR_OK;
    }
    TRY(read_text(r, name, value, 1, JOB_USER_ID_MAX, &r->out->user_id));
    r->out->has_user = true;
    return ERR_OK;
}

/* ---- what members mean together */

static enum err settle_archive(struct reading *r)
{
    struct job_spec *spec = &r->out->spec;
    if (!r->has_format) {
        spec->format = FORMAT_ZIP;
    }
    if (spec->format != FORMAT_ZIP && spec->format != FORMAT_TAR) {
        return refuse(r, SPAN("format"), "must be zip or tar with file_ids");
    }
    if (spec->has_sha256) {
        return refuse(r, SPAN("sha256"),
                      "is not possible with file_ids: one digest cannot stand for several files");
    }
    spec->archive = true;
    spec->file_ids = r->out->file_ids;
    r->out->file_id = r->out->file_ids[0];
    return ERR_OK;
}

static enum err settle(struct reading *r)
{
    if (r->has_file_id && r->has_file_ids) {
        return refuse(r, SPAN("file_ids"), "exactly one of file_id and file_ids must be there");
    }
    if (r->has_file_ids) {
        r->parent = "/options";
        return settle_archive(r);
    }
    if (!r->has_file_id) {
        return refuse(r, SPAN("file_id"), "exactly one of file_id and file_ids must be there");
    }
    r->out->spec.file_ids = &r->out->file_id;
    r->out->spec.file_ids_count = 1;
    return ERR_OK;
}

/* ---- the text */

struct json_fault {
    enum json_error_code fault;
    enum problem_code code;
    const char *what;
};

static const struct json_fault *find_fault(enum json_error_code fault)
{
    static const struct json_fault faults[] = {
        {json_error_duplicate_key, PROBLEM_VALIDATION_FAILED, "a member stands twice"},
        {json_error_numeric_overflow, PROBLEM_VALIDATION_FAILED, "a number is too large"},
        {json_error_invalid_utf8, PROBLEM_MALFORMED_JSON, "text is not valid UTF-8"},
        {json_error_null_character, PROBLEM_VALIDATION_FAILED, "text has a NUL character"},
        {json_error_null_byte_in_key, PROBLEM_VALIDATION_FAILED, "a name has a NUL character"},
        {json_error_premature_end_of_input, PROBLEM_MALFORMED_JSON, "the text ends too early"},
        {json_error_end_of_input_expected, PROBLEM_MALFORMED_JSON, "there is text after the end"},
        {json_error_stack_overflow, PROBLEM_MALFORMED_JSON, "the nesting is too deep"},
        {json_error_invalid_syntax, PROBLEM_MALFORMED_JSON, "a character is not expected here"},
    };
    size_t i = 0;
    while (i + 1 < COUNT(faults) && faults[i].fault != fault) {
        i++;
    }
    return &faults[i];
}

/* Where the fault is: a token that is not expected has been read already. */
static size_t fault_offset(const json_error_t *error)
{
    const size_t read = error->position > 0 ? (size_t)error->position : 0;
    return json_error_code(error) == json_error_invalid_syntax && read > 0 ? read - 1 : read;
}

static enum err refuse_text(struct span body, const json_error_t *error,
                            struct initiate_refusal *refusal)
{
    const enum json_error_code fault = json_error_code(error);
    if (fault == json_error_out_of_memory) {
        return ERR_NOMEM;
    }
    const struct json_fault *f = find_fault(fault);
    const size_t at = fault_offset(error);
    refusal->code = f->code;
    (void)snprintf(refusal->detail, sizeof refusal->detail, "%s (line %d, column %d, byte %zu)",
                   body.len > 0 ? f->what : "the body is empty", error->line, error->column, at);
    struct buf pointer;
    buf_init(&pointer, sizeof refusal->pointer - 1);
    json_place(body, at, &pointer);
    if (span_copy(buf_as_span(&pointer), refusal->pointer, sizeof refusal->pointer) != ERR_OK) {
        refusal->pointer[0] = '\0';
    }
    buf_clear(&pointer);
    return ERR_INVALID;
}

static enum err refuse_size(struct initiate_refusal *refusal)
{
    *refusal = (struct initiate_refusal){.code = PROBLEM_BODY_TOO_LARGE};
    (void)snprintf(refusal->detail, sizeof refusal->detail, "a body may have at most %d bytes",
                   INITIATE_BODY_MAX);
    return ERR_INVALID;
}

static void set_defaults(struct initiate_request *out)
{
    memset(&out->spec, 0, sizeof out->spec);
    out->file_id = 0;
    out->priority = JOB_PRIORITY_DEFAULT;
    out->delay_ms = 0;
    out->timeout_ms = JOB_TIMEOUT_MS_MAX;
    out->max_attempts = JOB_MAX_ATTEMPTS_DEFAULT;
    out->has_user = false;
    out->user_id = (struct span){0};
    out->document = NULL;
    out->file_ids = NULL;
}

enum err initiate_parse(struct span body, const struct initiate_rules *rules,
                        struct initiate_request *out, struct initiate_refusal *refusal)
{
    static const struct member members[] = {
        {NAME("file_id"), read_file_id},
        {NAME("file_ids"), read_file_ids},
        {NAME("options"), initiate_read_options},
        {NAME("userId"), read_user_id},
    };
    set_defaults(out);
    if (body.len > INITIATE_BODY_MAX) {
        return refuse_size(refusal);
    }
    json_error_t error;
    json_t *document = json_loadb(body.ptr != NULL ? body.ptr : "", body.len,
                                  JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (document == NULL) {
        return refuse_text(body, &error, refusal);
    }
    out->document = document;
    struct reading r = {.rules = rules, .out = out, .refusal = refusal};
    enum err e = read_members(&r, "", document, members, COUNT(members));
    if (e == ERR_OK) {
        e = settle(&r);
    }
    if (e != ERR_OK) {
        initiate_clear(out);
    }
    return e;
}

void initiate_clear(struct initiate_request *r)
{
    json_decref(r->document);
    r->document = NULL;
    free(r->file_ids);
    r->file_ids = NULL;
}

enum err initiate_fingerprint(const struct initiate_request *r, unsigned char out[SHA256_SIZE])
{
    char *canonical = json_dumps(r->document, JSON_SORT_KEYS | JSON_COMPACT);
    if (canonical == NULL) {
        return ERR_NOMEM;
    }
    const unsigned char *digest = SHA256((const unsigned char *)canonical, strlen(canonical), out);
    free(canonical);
    return digest != NULL ? ERR_OK : ERR_NOMEM;
}
