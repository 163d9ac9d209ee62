#include "ports/sink_file.h"

#include "base/clock.h"
#include "core/worker_id.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_MODE = 0700, FILE_MODE = 0600 };

struct file_store {
    int tmp_fd, objects_fd, lock_fd;
    char worker_id[SINK_WORKER_ID_MAX + 1];
};

/* ---- open and close */

static int open_folder(int parent_fd, const char *name)
{
    if (mkdirat(parent_fd, name, FOLDER_MODE) != 0 && errno != EEXIST) {
        return -1;
    }
    return openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static enum err open_folders(struct file_store *s, const char *dir)
{
    const int root_fd = open_folder(AT_FDCWD, dir);
    if (root_fd < 0) {
        return ERR_IO;
    }
    s->tmp_fd = open_folder(root_fd, "tmp");
    s->objects_fd = open_folder(root_fd, "objects");
    const bool ok = s->tmp_fd >= 0 && s->objects_fd >= 0 && fsync(root_fd) == 0;
    const int error = errno;
    close(root_fd);
    errno = error;
    return ok ? ERR_OK : ERR_IO;
}

static enum err take_lock(struct file_store *s)
{
    char name[SINK_NAME_SIZE];
    (void)snprintf(name, sizeof(name), "%s.lock", s->worker_id);
    s->lock_fd = openat(s->tmp_fd, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    if (s->lock_fd < 0) {
        return ERR_IO;
    }
    if (flock(s->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK ? ERR_EXISTS : ERR_IO;
    }
    return ERR_OK;
}

/* With the lock held, what carries this worker's name belongs to a process that is gone. */
static bool is_leftover(const struct file_store *s, const char *name, time_t now)
{
    struct stat st;
    const size_t own = strlen(s->worker_id);
    const char *mark = strchr(name, '~');
    if (mark == NULL || fstatat(s->tmp_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        return false;
    }
    if ((size_t)(mark - name) == own && memcmp(name, s->worker_id, own) == 0) {
        return true;
    }
    return now - st.st_mtime > SINK_LEFTOVER_AGE_S;
}

static enum err delete_leftovers(struct file_store *s)
{
    const int fd = openat(s->tmp_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    if (folder == NULL) {
        return ERR_IO;
    }
    const time_t now = (time_t)(clock_wall_ms() / 1000);
    for (const struct dirent *e = readdir(folder); e != NULL; e = readdir(folder)) {
        if (is_leftover(s, e->d_name, now)) {
            (void)unlinkat(s->tmp_fd, e->d_name, 0);
        }
    }
    closedir(folder);
    return ERR_OK;
}

enum err file_store_open(const char *dir, const char *worker_id, struct file_store **out)
{
    if (!worker_id_valid(span_of(worker_id))) {
        return ERR_INVALID;
    }
    struct file_store *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        return ERR_NOMEM;
    }
    s->tmp_fd = s->objects_fd = s->lock_fd = -1;
    memcpy(s->worker_id, worker_id, strlen(worker_id) + 1);
    enum err err = open_folders(s, dir);
    err = err == ERR_OK ? take_lock(s) : err;
    err = err == ERR_OK ? delete_leftovers(s) : err;
    if (err != ERR_OK) {
        const int error = errno;
        file_store_close(&s);
        errno = error;
        return err;
    }
    *out = s;
    return ERR_OK;
}

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
    }
}

void file_store_close(struct file_store **s)
{
    if (*s == NULL) {
        return;
    }
    close_fd(&(*s)->tmp_fd);
    close_fd(&(*s)->objects_fd);
    close_fd(&(*s)->lock_fd);
    free(*s);
    *s = NULL;
}

/* ---- one artifact */

void file_sink_init(struct file_sink *k)
{
    k->fd = -1;
    k->name[0] = '\0';
}

static enum err open_new(struct file_store *s, const char *key, const char *suffix, int access,
                         struct file_sink *k)
{
    (void)snprintf(k->name, sizeof(k->name), "%s~%s.%s", s->worker_id, key, suffix);
    k->fd =
        openat(s->tmp_fd, k->name, access | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    return k->fd >= 0 ? ERR_OK : ERR_UNAVAILABLE;
}

enum err file_sink_open(struct file_store *s, const char *key, struct file_sink *k)
{
    return open_new(s, key, "part", O_WRONLY, k);
}

enum err file_sink_open_nameless(struct file_store *s, const char *key, struct file_sink *k)
{
    TRY(open_new(s, key, "gone", O_RDWR, k)); /* not O_TMPFILE: not every file system has it */
    if (unlinkat(s->tmp_fd, k->name, 0) != 0) {
        close_fd(&k->fd);
        return ERR_UNAVAILABLE;
    }
    return ERR_OK;
}

enum err file_sink_write(struct file_sink *k, struct span bytes)
{
    while (bytes.len > 0) {
        const ssize_t wrote = write(k->fd, bytes.ptr, bytes.len);
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote <= 0) {
            return ERR_UNAVAILABLE;
        }
        bytes = (struct span){bytes.ptr + wrote, bytes.len - (size_t)wrote};
    }
    return ERR_OK;
}

enum err file_sink_sync(struct file_sink *k)
{
    return fdatasync(k->fd) == 0 ? ERR_OK : ERR_UNAVAILABLE;
}

enum err file_sink_publish(struct file_store *s, struct file_sink *k, const char *key)
{
    if (renameat(s->tmp_fd, k->name, s->objects_fd, key) != 0) {
        return ERR_UNAVAILABLE;
    }
    close_fd(&k->fd);
    return ERR_OK;
}

void file_sink_drop(struct file_store *s, struct file_sink *k)
{
    if (k->fd >= 0) {
        (void)unlinkat(s->tmp_fd, k->name, 0);
        close_fd(&k->fd);
    }
}

enum err file_store_sync(struct file_store *s)
{
    return fsync(s->objects_fd) == 0 ? ERR_OK : ERR_UNAVAILABLE;
}

enum err file_store_remove(struct file_store *s, const char *key)
{
    return unlinkat(s->objects_fd, key, 0) == 0 || errno == ENOENT ? ERR_OK : ERR_UNAVAILABLE;
}
