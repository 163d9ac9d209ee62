#include "core/initiate_read.h"

#include "core/json_place.h"
#include "core/plain_text.h"

#include <stdarg.h>
#include <stdio.h>

/* The member's pointer; its object's if that is too long. */
static void point_at(struct initiate_refusal *refusal, const char *parent, struct span name)
{
    struct buf pointer;
    buf_init(&pointer, INITIATE_POINTER_SIZE - 1);
    (void)buf_text(&pointer, parent);
    if (name.ptr != NULL) {
        json_pointer_add(&pointer, name);
    }
    const struct span text =
        buf_error(&pointer) == ERR_OK ? buf_as_span(&pointer) : span_of(parent);
    if (span_copy(text, refusal->pointer, sizeof refusal->pointer) != ERR_OK) {
        refusal->pointer[0] = '\0';
    }
    buf_clear(&pointer);
}

enum err refuse(struct reading *r, struct span name, const char *format, ...)
{
    r->refusal->code = PROBLEM_VALIDATION_FAILED;
    point_at(r->refusal, r->parent, name);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(r->refusal->detail, sizeof r->refusal->detail, format, args);
    va_end(args);
    return ERR_INVALID;
}

static const struct member *find_member(const struct member *members, size_t count,
                                        struct span name)
{
    for (size_t i = 0; i < count; i++) {
        if (span_eq(members[i].name, name)) {
            return &members[i];
        }
    }
    return NULL;
}

enum err read_members(struct reading *r, const char *parent, json_t *object,
                      const struct member *members, size_t count)
{
    r->parent = parent;
    if (!json_is_object(object)) {
        return refuse(r, (struct span){0}, "must be an object");
    }
    enum err e = ERR_OK;
    for (void *at = json_object_iter(object); at != NULL && e == ERR_OK;
         at = json_object_iter_next(object, at)) {
        const struct span name = {json_object_iter_key(at), json_object_iter_key_len(at)};
        const struct member *m = find_member(members, count, name);
        r->parent = parent; /* a reader may have gone deeper */
        e = m != NULL ? m->read(r, name, json_object_iter_value(at))
                      : refuse(r, name, "is not a member that this request has");
    }
    r->parent = parent;
    return e;
}

enum err read_integer(struct reading *r, struct span name, json_t *value, uint64_t min,
                      uint64_t max, uint64_t *out)
{
    const json_int_t n = json_is_integer(value) ? json_integer_value(value) : -1;
    if (n < 0 || (uint64_t)n < min || (uint64_t)n > max) {
        return refuse(r, name, "must be an integer from %llu to %llu", (unsigned long long)min,
                      (unsigned long long)max);
    }
    *out = (uint64_t)n;
    return ERR_OK;
}

enum err read_text(struct reading *r, struct span name, json_t *value, size_t bytes_min,
                   size_t bytes_max, struct span *out)
{
    if (!json_is_string(value)) {
        return refuse(r, name, "must be a string");
    }
    const struct span text = {json_string_value(value), json_string_length(value)};
    if (text.len < bytes_min || text.len > bytes_max) {
        return refuse(r, name, "must have %zu to %zu bytes", bytes_min, bytes_max);
    }
    if (!plain_text(text)) {
        return refuse(r, name, "must not have control characters");
    }
    *out = text;
    return ERR_OK;
}
