/* Initiate, its inside: reading the members of one JSON object by a table. Only for initiate*.c. */
#ifndef LONGHAUL_CORE_INITIATE_READ_H
#define LONGHAUL_CORE_INITIATE_READ_H

#include "core/initiate.h"

#include <jansson.h>

/* One run of initiate_parse. */
struct reading {
    const struct initiate_rules *rules;
    struct initiate_request *out;
    struct initiate_refusal *refusal;
    const char *parent; /* pointer of the object being read: our own text */
    bool has_file_id;
    bool has_file_ids;
    bool has_format;
};

/* Reads one member's value. ERR_INVALID with the refusal filled, ERR_NOMEM. */
typedef enum err member_reader(struct reading *r, struct span name, json_t *value);

struct member {
    struct span name;
    member_reader *read;
};

/* Refuses members that are not in the table; reads the others in the order of the text. `parent` is
 * the object's own pointer. */
MUST_CHECK enum err read_members(struct reading *r, const char *parent, json_t *object,
                                 const struct member *members, size_t count);

/* Always ERR_INVALID, with VALIDATION_FAILED at `name` in the object that is being read; a name
 * without bytes (NULL) means the object itself. */
enum err refuse(struct reading *r, struct span name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

MUST_CHECK enum err read_integer(struct reading *r, struct span name, json_t *value, uint64_t min,
                                 uint64_t max, uint64_t *out);
/* Text without control characters of bytes_min … bytes_max bytes. */
MUST_CHECK enum err read_text(struct reading *r, struct span name, json_t *value, size_t bytes_min,
                              size_t bytes_max, struct span *out);

/* The member "options" of the root. */
member_reader initiate_read_options;

#endif
