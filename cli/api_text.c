#include "cli/api.h"

const char *api_text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

int64_t api_number(const json_t *object, const char *name, int64_t otherwise)
{
    const json_t *value = json_object_get(object, name);
    return json_is_integer(value) ? (int64_t)json_integer_value(value) : otherwise;
}

void api_problem_text(long status, const json_t *json, struct buf *out)
{
    const char *code = api_text(json, "code");
    const char *detail = api_text(json, "detail");
    const char *request_id = api_text(json, "requestId");
    const char *pointer = api_text(json, "pointer");
    if (code != NULL) {
        (void)buf_printf(out, "%s: ", code);
    } else {
        (void)buf_printf(out, "HTTP %ld: ", status);
    }
    if (detail == NULL) {
        detail = api_text(json, "title");
    }
    (void)buf_text(out, detail != NULL ? detail : "the server gave no reason");
    if (pointer != NULL && pointer[0] != '\0') {
        (void)buf_printf(out, " [%s]", pointer);
    }
    if (request_id != NULL) {
        (void)buf_printf(out, " (%s)", request_id);
    }
}
