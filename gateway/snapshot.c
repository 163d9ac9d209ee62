#include "gateway/snapshot.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const size_t span_fields[] = {
    offsetof(struct job_record, user_id),       offsetof(struct job_record, error_code),
    offsetof(struct job_record, error_message), offsetof(struct job_record, artifact_key),
    offsetof(struct job_record, file_name),     offsetof(struct job_record, content_type),
    offsetof(struct job_record, sha256_hex),    offsetof(struct job_record, log),
};
enum { SPAN_FIELDS = sizeof span_fields / sizeof span_fields[0] };

static struct span *field(struct job_record *r, size_t i)
{
    return (struct span *)(void *)((char *)r + span_fields[i]);
}

enum err snapshot_set(struct snapshot *s, const struct job_record *record)
{
    struct job_record copy = *record;
    size_t len = 0;
    for (size_t i = 0; i < SPAN_FIELDS; i++) {
        len += field(&copy, i)->len;
    }
    char *bytes = malloc(len + 1);
    if (bytes == NULL) {
        return ERR_NOMEM;
    }
    size_t at = 0;
    for (size_t i = 0; i < SPAN_FIELDS; i++) {
        struct span *f = field(&copy, i);
        if (f->len > 0) {
            memcpy(bytes + at, f->ptr, f->len);
        }
        f->ptr = bytes + at;
        at += f->len;
    }
    snapshot_clear(s);
    *s = (struct snapshot){.record = copy, .bytes = bytes, .known = true};
    return ERR_OK;
}

void snapshot_clear(struct snapshot *s)
{
    free(s->bytes);
    s->bytes = NULL;
    s->known = false;
}
