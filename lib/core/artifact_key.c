#include "core/artifact_key.h"

#include <inttypes.h>
#include <stdio.h>

void artifact_key_write(const struct attempt *a, bool empty, char out[ARTIFACT_KEY_SIZE])
{
    (void)snprintf(out, ARTIFACT_KEY_SIZE, "%s.%" PRIu64 "%s", a->job_id, a->fence,
                   empty ? ".empty" : "");
}

enum err artifact_key_check(struct span key, bool *empty)
{
    struct span job_id, fence, kind;
    uint64_t number;
    if (key.len >= ARTIFACT_KEY_SIZE || !span_cut(key, '.', &job_id, &fence) ||
        !job_id_valid(job_id)) {
        return ERR_INVALID;
    }
    *empty = span_cut(fence, '.', &fence, &kind);
    if (*empty && !span_eq(kind, SPAN("empty"))) {
        return ERR_INVALID;
    }
    return span_to_u64(fence, &number) == ERR_OK ? ERR_OK : ERR_INVALID;
}
