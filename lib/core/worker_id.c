#include "core/worker_id.h"

#include "core/job.h"

/* Not isalnum: what a letter is must not depend on a locale. */
static bool fits(char c)
{
    const char lower = (char)(c | 0x20);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
}

bool worker_id_valid(struct span id)
{
    if (id.len == 0 || id.len > JOB_WORKER_ID_MAX || id.ptr[0] == '.') {
        return false;
    }
    for (size_t i = 0; i < id.len; i++) {
        if (!fits(id.ptr[i])) {
            return false;
        }
    }
    return true;
}
