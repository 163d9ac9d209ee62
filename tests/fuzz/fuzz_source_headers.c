// links: base core
/* What an HTTP source says in its headers. */
#include "core/source_headers.h"
#include "core/source_names.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* A name that came out is clean: cleaning it again changes nothing. */
static void check_name(enum err err, const char *name)
{
    char again[FILE_NAME_SIZE];
    if (err == ERR_OK) {
        assert(strlen(name) > 0 && strlen(name) <= JOB_FILE_NAME_MAX);
        assert(source_name_clean(span_of(name), again) == ERR_OK);
        assert(strcmp(name, again) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const struct span text = {(const char *)data, len};
    char name[FILE_NAME_SIZE];
    struct content_range range;
    struct span head, value;
    check_name(source_name_of_disposition(text, name), name);
    check_name(source_name_of_url(text, name), name);
    check_name(source_name_clean(text, name), name);
    if (source_content_range_parse(text, &range) == ERR_OK) {
        assert(range.first <= range.last);
    }
    (void)source_etag_strong(text);
    (void)source_content_type_valid(text);
    (void)source_header_split(text, &head, &value);
    return 0;
}
