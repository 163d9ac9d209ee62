#include "gateway/assets_read.h"

#include "base/log.h"
#include "base/span.h"
#include "gateway/assets.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One walk. `path` is where it is, below the folder. */
struct walk {
    assets_reader *reader;
    void *context;
    char path[ASSETS_PATH_MAX];
    size_t path_len;
    unsigned depth;
};

static enum err walk_folder(struct walk *w, int fd);

static bool name_is_plain(const char *name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    return name[0] != '.' && name[strspn(name, allowed)] == '\0';
}

static enum err failed(const struct walk *w)
{
    log_error("assets.read", "%s: %s", w->path, strerror(errno));
    return ERR_IO;
}

static enum err read_all(const struct walk *w, int fd, char *bytes, size_t len)
{
    for (size_t done = 0; done < len;) {
        const ssize_t got = read(fd, bytes + done, len - done);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            errno = got == 0 ? EIO : errno; /* shorter than it was a moment ago */
            return failed(w);
        }
        done += (size_t)got;
    }
    return ERR_OK;
}

static enum err read_file(struct walk *w, int fd, off_t size)
{
    if (size > ASSETS_BYTES_MAX) {
        log_error("assets.limit", "%s has more than %d bytes", w->path, ASSETS_BYTES_MAX);
        return ERR_TOO_LARGE;
    }
    const size_t len = (size_t)size;
    char *bytes = malloc(len + 1); /* an empty file has bytes too */
    if (bytes == NULL) {
        return ERR_NOMEM;
    }
    const enum err e = read_all(w, fd, bytes, len);
    if (e != ERR_OK) {
        free(bytes);
        return e;
    }
    return w->reader(w->context, w->path, bytes, len);
}

/* Takes `fd`. */
static enum err visit(struct walk *w, int fd)
{
    struct stat st;
    enum err e = ERR_OK;
    if (fstat(fd, &st) != 0) {
        e = failed(w);
    } else if (S_ISDIR(st.st_mode)) {
        return walk_folder(w, fd);
    } else if (S_ISREG(st.st_mode)) {
        e = read_file(w, fd, st.st_size);
    }
    (void)close(fd);
    return e;
}

static enum err visit_name(struct walk *w, int folder, const char *name)
{
    if (!name_is_plain(name)) {
        return ERR_OK;
    }
    const size_t before = w->path_len;
    const int len =
        snprintf(w->path + before, sizeof w->path - before, "%s%s", before > 0 ? "/" : "", name);
    if (len < 0 || (size_t)len >= sizeof w->path - before) {
        log_error("assets.limit", "a path has more than %d bytes: %s", ASSETS_PATH_MAX, w->path);
        return ERR_TOO_LARGE;
    }
    enum err e = ERR_OK;
    const int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0) {
        w->path_len = before + (size_t)len;
        e = visit(w, fd);
    } else if (errno != ELOOP) { /* a symbolic link is left out */
        e = failed(w);
    }
    w->path_len = before;
    w->path[before] = '\0';
    return e;
}

/* Takes `fd`. */
static enum err walk_folder(struct walk *w, int fd)
{
    DIR *folder = w->depth <= ASSETS_DEPTH_MAX ? fdopendir(fd) : NULL;
    if (folder == NULL) {
        (void)close(fd);
        if (w->depth <= ASSETS_DEPTH_MAX) {
            return failed(w);
        }
        log_error("assets.limit", "%s is more than %d folders deep", w->path, ASSETS_DEPTH_MAX);
        return ERR_TOO_LARGE;
    }
    enum err e = ERR_OK;
    w->depth++;
    for (struct dirent *entry; e == ERR_OK && (entry = readdir(folder)) != NULL;) {
        e = visit_name(w, fd, entry->d_name);
    }
    w->depth--;
    (void)closedir(folder);
    return e;
}

enum err assets_read(const char *folder, assets_reader *reader, void *context)
{
    struct walk w = {.reader = reader, .context = context};
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        const bool missing = errno == ENOENT;
        log_write(missing ? LOG_WARN : LOG_ERROR, "assets.missing", "%s: %s", folder,
                  strerror(errno));
        return missing ? ERR_NOT_FOUND : ERR_IO;
    }
    return walk_folder(&w, fd);
}
