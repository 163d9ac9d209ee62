#include "cli/target.h"

#include "core/file_name.h"
#include "core/source_names.h"

#include <string.h>

bool target_name_stays(struct span name)
{
    return name.len > 0 && !span_eq(name, SPAN(".")) && !span_eq(name, SPAN("..")) &&
           memchr(name.ptr, '/', name.len) == NULL && memchr(name.ptr, '\\', name.len) == NULL &&
           memchr(name.ptr, '\0', name.len) == NULL;
}

struct span target_name(struct span file_name, struct span disposition,
                        char out[JOB_FILE_NAME_MAX + 1])
{
    char said[FILE_NAME_SIZE];
    if (target_name_stays(file_name)) {
        return file_name_sanitise(file_name, out);
    }
    if (disposition.len > 0 && source_name_of_disposition(disposition, said) == ERR_OK &&
        target_name_stays(span_of(said))) {
        return file_name_sanitise(span_of(said), out);
    }
    return file_name_sanitise(SPAN(FILE_NAME_FALLBACK), out);
}

/* Bytes before the extension; all of them when there is none. */
static size_t stem_len(struct span name)
{
    for (size_t i = name.len; i > 1; i--) {
        if (name.ptr[i - 1] == '.') {
            return i - 1;
        }
    }
    return name.len;
}

void target_path(struct span folder, struct span name, unsigned copy, struct buf *out)
{
    (void)buf_span(out, folder);
    if (folder.len > 0 && folder.ptr[folder.len - 1] != '/') {
        (void)buf_char(out, '/');
    }
    const size_t stem = stem_len(name);
    (void)buf_append(out, name.ptr, stem);
    if (copy > 0) {
        (void)buf_printf(out, " (%u)", copy);
    }
    (void)buf_append(out, name.ptr + stem, name.len - stem);
}
