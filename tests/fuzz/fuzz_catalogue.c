// links: base core
/* Catalogue lines and templates: an operator's file, but bytes all the same. */
#include "core/catalogue.h"
#include "core/source_names.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_line(struct span line)
{
    struct catalogue_entry *e = NULL;
    const char *what = NULL;
    if (catalogue_entry_new(line, &e, &what) != ERR_OK) {
        assert(what != NULL || e == NULL);
        return;
    }
    assert(e->file_id >= 1 && e->file_id <= JOB_FILE_ID_MAX);
    assert(catalogue_url_scheme(e->url) != URL_OTHER);
    /* Any text may stand there; what is made of it is a file name. */
    char name[FILE_NAME_SIZE];
    if (source_name_clean(e->file_name, name) == ERR_OK) {
        assert(strlen(name) >= 1 && strlen(name) <= JOB_FILE_NAME_MAX);
        assert(strchr(name, '/') == NULL && strchr(name, '\\') == NULL);
    }
    assert(e->content_type.len <= JOB_CONTENT_TYPE_MAX);
    catalogue_entry_destroy(&e);
}

static void check_template(struct span text)
{
    struct buf out;
    buf_init(&out, 2 * CATALOGUE_URL_MAX);
    if (catalogue_template_check(text) == ERR_OK &&
        catalogue_template_expand(text, JOB_FILE_ID_MAX, &out) == ERR_OK) {
        assert(memmem(out.data, out.len, "{file_id}", 9) == NULL ||
               memmem(text.ptr, text.len, "{{file_id}", 10) != NULL ||
               memmem(text.ptr, text.len, "{file_id{", 9) != NULL);
    }
    buf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const struct span text = {(const char *)data, len};
    check_line(text);
    check_template(text);
    return 0;
}
