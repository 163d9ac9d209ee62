#include "workers/lookup_folder.h"

#include "base/log.h"
#include "workers/lookup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { NAMES_LOGGED_MAX = 1000 };

struct lookup_folder {
    char **names; /* owned, sorted bytewise */
    size_t count, cap;
};

void lookup_folder_destroy(struct lookup_folder **f)
{
    if (*f == NULL) {
        return;
    }
    for (size_t i = 0; i < (*f)->count; i++) {
        free((*f)->names[i]);
    }
    free((*f)->names);
    free(*f);
    *f = NULL;
}

static enum err add_name(struct lookup_folder *f, const char *name)
{
    if (f->count == LOOKUP_FILES_MAX) {
        return ERR_TOO_LARGE;
    }
    if (f->count == f->cap) {
        const size_t cap = f->cap == 0 ? 64 : f->cap * 2;
        char **grown = realloc(f->names, cap * sizeof(*grown));
        if (grown == NULL) {
            return ERR_NOMEM;
        }
        f->names = grown;
        f->cap = cap;
    }
    f->names[f->count] = strdup(name);
    if (f->names[f->count] == NULL) {
        return ERR_NOMEM;
    }
    f->count++;
    return ERR_OK;
}

static bool is_file(int folder_fd, const char *name)
{
    struct stat st;
    return name[0] != '.' && fstatat(folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(st.st_mode);
}

static int by_name(const void *a, const void *b)
{
    const char *const *x = a;
    const char *const *y = b;
    return strcmp(*x, *y);
}

static void log_names(const struct lookup_folder *f, const char *path)
{
    log_info("catalog.folder", "folder=%s files=%zu", path, f->count);
    for (size_t i = 0; i < f->count && i < NAMES_LOGGED_MAX; i++) {
        log_info("catalog.file", "file_id=%zu name=%s", i + 1, f->names[i]);
    }
}

enum err lookup_folder_read(const char *path, struct lookup_folder **out)
{
    struct lookup_folder *f = calloc(1, sizeof(*f));
    DIR *folder = opendir(path);
    enum err err = f == NULL ? ERR_NOMEM : ERR_OK;
    if (folder == NULL) {
        log_error("catalog.unreadable", "folder=%s errno=%d", path, errno);
        free(f);
        return ERR_IO;
    }
    for (const struct dirent *e = readdir(folder); err == ERR_OK && e != NULL;
         e = readdir(folder)) {
        err = is_file(dirfd(folder), e->d_name) ? add_name(f, e->d_name) : ERR_OK;
    }
    closedir(folder);
    if (err != ERR_OK) {
        log_error("catalog.refused", "folder=%s error=%s", path, err_name(err));
        lookup_folder_destroy(&f);
        return err;
    }
    if (f->count > 0) {
        qsort(f->names, f->count, sizeof(*f->names), by_name);
    }
    log_names(f, path);
    *out = f;
    return ERR_OK;
}

const char *lookup_folder_find(const struct lookup_folder *f, uint64_t file_id)
{
    return file_id >= 1 && file_id <= f->count ? f->names[file_id - 1] : NULL;
}
