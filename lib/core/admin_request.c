#include "core/admin_request.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static enum err refuse(struct admin_refusal *refusal, enum problem_code code, const char *pointer,
                       const char *detail)
{
    refusal->code = code;
    (void)snprintf(refusal->pointer, sizeof refusal->pointer, "%s", pointer);
    (void)snprintf(refusal->detail, sizeof refusal->detail, "%s", detail);
    return ERR_INVALID;
}

static enum err refuse_member(struct admin_refusal *refusal, const char *pointer,
                              const char *detail)
{
    return refuse(refusal, PROBLEM_VALIDATION_FAILED, pointer, detail);
}

static enum err refuse_text(const json_error_t *error, struct admin_refusal *refusal)
{
    const enum json_error_code fault = json_error_code(error);
    if (fault == json_error_out_of_memory) {
        return ERR_NOMEM;
    }
    if (fault == json_error_duplicate_key) {
        return refuse_member(refusal, "", "a member stands twice");
    }
    return refuse(refusal, PROBLEM_MALFORMED_JSON, "", "the body is not a JSON object");
}

/* The one member that the object has, by its name. Borrowed from *document, which is owned. */
static enum err read_member(struct span body, const char *name, json_t **document, json_t **member,
                            struct admin_refusal *refusal)
{
    json_error_t error;
    if (body.len > ADMIN_BODY_MAX) {
        return refuse(refusal, PROBLEM_BODY_TOO_LARGE, "", "the body is too large");
    }
    *document =
        json_loadb(body.ptr != NULL ? body.ptr : "", body.len, JSON_REJECT_DUPLICATES, &error);
    if (*document == NULL) {
        return refuse_text(&error, refusal);
    }
    char pointer[ADMIN_POINTER_SIZE];
    (void)snprintf(pointer, sizeof pointer, "/%s", name);
    *member = json_object_get(*document, name);
    if (*member == NULL) {
        return refuse_member(refusal, pointer, "is needed");
    }
    return json_object_size(*document) == 1
               ? ERR_OK
               : refuse_member(refusal, "", "has a member that is not known");
}

static bool has(const struct admin_jobs *jobs, struct span id)
{
    for (size_t i = 0; i < jobs->count; i++) {
        if (span_eq(span_of(jobs->ids[i]), id)) {
            return true;
        }
    }
    return false;
}

static enum err add_id(const json_t *value, struct admin_jobs *out, struct admin_refusal *refusal)
{
    char pointer[ADMIN_POINTER_SIZE];
    (void)snprintf(pointer, sizeof pointer, "/jobIds/%zu", out->count);
    const struct span id = json_is_string(value)
                               ? (struct span){json_string_value(value), json_string_length(value)}
                               : (struct span){0};
    if (!job_id_valid(id)) {
        return refuse_member(refusal, pointer, "must be a job id");
    }
    if (has(out, id)) {
        return refuse_member(refusal, pointer, "stands twice");
    }
    TRY(span_copy(id, out->ids[out->count], JOB_ID_SIZE));
    out->count++;
    return ERR_OK;
}

static enum err read_ids(const json_t *array, struct admin_jobs *out, struct admin_refusal *refusal)
{
    const size_t count = json_array_size(array); /* 0 if it is not an array */
    if (count < 1 || count > ADMIN_JOBS_MAX) {
        return refuse_member(refusal, "/jobIds", "must be an array of 1 to 200 job ids");
    }
    out->count = 0;
    for (size_t i = 0; i < count; i++) {
        TRY(add_id(json_array_get(array, i), out, refusal));
    }
    return ERR_OK;
}

enum err admin_jobs_read(struct span body, struct admin_jobs *out, struct admin_refusal *refusal)
{
    json_t *document = NULL, *ids = NULL;
    enum err e = read_member(body, "jobIds", &document, &ids, refusal);
    if (e == ERR_OK) {
        e = read_ids(ids, out, refusal);
    }
    json_decref(document);
    return e;
}

enum err admin_drain_read(struct span body, bool *out, struct admin_refusal *refusal)
{
    json_t *document = NULL, *draining = NULL;
    enum err e = read_member(body, "draining", &document, &draining, refusal);
    if (e == ERR_OK && !json_is_boolean(draining)) {
        e = refuse_member(refusal, "/draining", "must be true or false");
    }
    if (e == ERR_OK) {
        *out = json_is_true(draining);
    }
    json_decref(document);
    return e;
}
