#include "ports/packer.h"

#include <archive.h>
#include <archive_entry.h>
#include <assert.h>
#include <locale.h>
#include <stdlib.h>

enum { FILE_MODE = 0644 };

struct packer {
    struct archive *archive;
    locale_t locale; /* libarchive takes the character set of names from the thread's locale */
    struct buf output;
    int64_t left; /* of the entry's size; -1: it has none */
    bool given_up, needs_size;
};

/* ---- a packer */

static la_ssize_t on_write(struct archive *a, void *context, const void *bytes, size_t len)
{
    struct packer *p = context;
    if (p->given_up && !p->needs_size) {
        return (la_ssize_t)len;
    }
    if (p->given_up || buf_append(&p->output, bytes, len) != ERR_OK) {
        archive_set_error(a, -1, "more output than a step may have");
        return -1;
    }
    return (la_ssize_t)len;
}

static int use_gzip(struct archive *a)
{
    const int set = archive_write_add_filter_gzip(a);
    return set != ARCHIVE_OK ? set : archive_write_set_filter_option(a, "gzip", "timestamp", NULL);
}

static int use_zstd(struct archive *a)
{
    return archive_write_add_filter_zstd(a);
}

static const struct {
    int (*format)(struct archive *a);
    int (*filter)(struct archive *a); /* NULL: none */
} FORMATS[FORMAT_COUNT] = {
    [FORMAT_ORIGINAL] = {NULL, NULL},
    [FORMAT_GZIP] = {archive_write_set_format_raw, use_gzip},
    [FORMAT_ZSTD] = {archive_write_set_format_raw, use_zstd},
    [FORMAT_ZIP] = {archive_write_set_format_zip, NULL},
    [FORMAT_TAR] = {archive_write_set_format_pax_restricted, NULL},
};

static bool set_up(struct packer *p, enum job_format format)
{
    struct archive *a = p->archive;
    return FORMATS[format].format(a) == ARCHIVE_OK &&
           (FORMATS[format].filter == NULL || FORMATS[format].filter(a) == ARCHIVE_OK) &&
           /* No padding behind the end: it would only be bytes to carry. */
           archive_write_set_bytes_in_last_block(a, 1) == ARCHIVE_OK &&
           archive_write_open(a, p, NULL, on_write, NULL) == ARCHIVE_OK;
}

enum err packer_new(enum job_format format, struct packer **out)
{
    assert(format < FORMAT_COUNT && format != FORMAT_ORIGINAL);
    struct packer *p = calloc(1, sizeof(*p));
    if (p == NULL) {
        return ERR_NOMEM;
    }
    buf_init(&p->output, PACKER_OUTPUT_MAX);
    p->left = -1;
    p->needs_size = format == FORMAT_TAR; /* it stands before the bytes */
    p->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    p->archive = archive_write_new();
    if (p->locale == (locale_t)0 || p->archive == NULL || !set_up(p, format)) {
        packer_destroy(&p);
        return ERR_NOMEM;
    }
    *out = p;
    return ERR_OK;
}

void packer_destroy(struct packer **packer)
{
    struct packer *p = *packer;
    if (p == NULL) {
        return;
    }
    if (p->archive != NULL) {
        /* free closes as if all were well. A tar would be filled up to the size that was said,
         * however many gibibytes, so its writing fails. The others end within one buffer, but when
         * writing fails, as after archive_write_fail, they leak their compressor: the bytes are
         * taken and forgotten. */
        p->given_up = true;
        (void)archive_write_free(p->archive);
    }
    if (p->locale != (locale_t)0) {
        freelocale(p->locale);
    }
    buf_clear(&p->output);
    free(p);
    *packer = NULL;
}

/* ---- what it is given */

static void describe(struct archive_entry *entry, const struct packer_entry *e)
{
    archive_entry_set_pathname(entry, e->name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, FILE_MODE);
    archive_entry_set_mtime(entry, e->modified_s >= 0 ? e->modified_s : PACKER_NO_TIME_S, 0);
    if (e->size_bytes >= 0) {
        archive_entry_set_size(entry, e->size_bytes);
    }
}

enum err packer_begin(struct packer *p, const struct packer_entry *e)
{
    if (p->needs_size && e->size_bytes < 0) {
        return ERR_INVALID; /* libarchive would take it for 0 */
    }
    struct archive_entry *entry = archive_entry_new2(p->archive);
    if (entry == NULL) {
        return ERR_NOMEM;
    }
    const locale_t before = uselocale(p->locale);
    describe(entry, e);
    const int wrote = archive_write_header(p->archive, entry);
    (void)uselocale(before);
    archive_entry_free(entry);
    p->left = e->size_bytes;
    return wrote == ARCHIVE_OK ? ERR_OK : ERR_INTERNAL;
}

enum err packer_write(struct packer *p, struct span bytes)
{
    assert(bytes.len <= PACKER_WRITE_MAX);
    if (p->left >= 0 && bytes.len > (uint64_t)p->left) {
        return ERR_INVALID;
    }
    p->left -= p->left >= 0 ? (int64_t)bytes.len : 0;
    while (bytes.len > 0) {
        const la_ssize_t took = archive_write_data(p->archive, bytes.ptr, bytes.len);
        if (took <= 0) {
            return ERR_INTERNAL;
        }
        bytes = (struct span){bytes.ptr + took, bytes.len - (size_t)took};
    }
    return ERR_OK;
}

enum err packer_end(struct packer *p)
{
    if (p->left > 0) {
        return ERR_INVALID;
    }
    return archive_write_finish_entry(p->archive) == ARCHIVE_OK ? ERR_OK : ERR_INTERNAL;
}

enum err packer_finish(struct packer *p)
{
    const locale_t before = uselocale(p->locale);
    const int closed = archive_write_close(p->archive);
    (void)uselocale(before);
    return closed == ARCHIVE_OK ? ERR_OK : ERR_INTERNAL;
}

/* ---- what it gives */

struct span packer_output(const struct packer *p)
{
    return buf_as_span(&p->output);
}

void packer_taken(struct packer *p)
{
    buf_reset(&p->output);
}
