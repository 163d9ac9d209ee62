#include "workers/lookup_lines.h"

#include "base/log.h"
#include "base/map.h"
#include "workers/lookup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lookup_lines {
    struct map *entries; /* file_id's 8 bytes -> struct catalogue_entry *, owned */
    struct stat st;      /* of the file that was read */
};

static struct span key_of(const uint64_t *file_id)
{
    return (struct span){(const char *)file_id, sizeof(*file_id)};
}

void lookup_lines_destroy(struct lookup_lines **l)
{
    if (*l == NULL) {
        return;
    }
    size_t cursor = 0;
    if ((*l)->entries != NULL) {
        for (struct catalogue_entry *e = map_next((*l)->entries, &cursor, NULL); e != NULL;
             e = map_next((*l)->entries, &cursor, NULL)) {
            catalogue_entry_destroy(&e);
        }
    }
    map_destroy(&(*l)->entries);
    free(*l);
    *l = NULL;
}

static enum err add_line(struct lookup_lines *l, struct span line, const char **what)
{
    struct catalogue_entry *e = NULL;
    TRY(catalogue_entry_new(line, &e, what));
    const enum err err = map_put(l->entries, key_of(&e->file_id), e);
    if (err != ERR_OK) {
        *what = err == ERR_EXISTS ? "the file_id was there before" : "there are too many lines";
        catalogue_entry_destroy(&e);
        return err == ERR_NOMEM ? err : ERR_INVALID;
    }
    return ERR_OK;
}

static enum err read_lines(struct lookup_lines *l, FILE *file, const char *path)
{
    char line[CATALOGUE_LINE_MAX + 2]; /* with '\n' and NUL: a longer one is seen to be too long */
    enum err err = ERR_OK;
    for (unsigned number = 1; err == ERR_OK && fgets(line, sizeof(line), file) != NULL; number++) {
        const char *what = "it is longer than 16384 bytes";
        struct span text = {line, strcspn(line, "\n")};
        const bool whole = text.len <= CATALOGUE_LINE_MAX && (line[text.len] == '\n' || feof(file));
        text = span_trim(text);
        if (text.len > 0 && text.ptr[text.len - 1] == '\r') {
            text.len--;
        }
        if (whole && text.len == 0) {
            continue;
        }
        err = whole ? add_line(l, text, &what) : ERR_INVALID;
        if (err != ERR_OK) {
            log_error("catalog.bad-line", "file=%s line=%u: %s", path, number, what);
        }
    }
    return err == ERR_OK && ferror(file) ? ERR_IO : err;
}

static enum err read_file(struct lookup_lines *l, const char *path)
{
    FILE *file = fopen(path, "re");
    if (file == NULL || fstat(fileno(file), &l->st) != 0 || !S_ISREG(l->st.st_mode)) {
        log_error("catalog.unreadable", "file=%s errno=%d", path, errno);
        if (file != NULL) {
            fclose(file);
        }
        return ERR_IO;
    }
    enum err err = ERR_TOO_LARGE;
    if (l->st.st_size > LOOKUP_LINES_BYTES_MAX) {
        log_error("catalog.too-large", "file=%s bytes=%lld", path, (long long)l->st.st_size);
    } else {
        err = read_lines(l, file, path);
    }
    fclose(file);
    return err;
}

enum err lookup_lines_read(const char *path, struct lookup_lines **out)
{
    struct lookup_lines *l = calloc(1, sizeof(*l));
    if (l == NULL) {
        return ERR_NOMEM;
    }
    enum err err = map_new(LOOKUP_LINES_MAX, &l->entries);
    err = err == ERR_OK ? read_file(l, path) : err;
    if (err != ERR_OK) {
        lookup_lines_destroy(&l);
        return err;
    }
    *out = l;
    return ERR_OK;
}

const struct catalogue_entry *lookup_lines_find(const struct lookup_lines *l, uint64_t file_id)
{
    return map_get(l->entries, key_of(&file_id));
}

size_t lookup_lines_count(const struct lookup_lines *l)
{
    return map_count(l->entries);
}

bool lookup_lines_same(const struct lookup_lines *l, const struct stat *st)
{
    return l->st.st_mtim.tv_sec == st->st_mtim.tv_sec &&
           l->st.st_mtim.tv_nsec == st->st_mtim.tv_nsec && l->st.st_size == st->st_size &&
           l->st.st_ino == st->st_ino;
}
