#include "cli/part.h"

#include "base/ids.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_BYTES = 1 << 18 };

static char *with_end(const char *path, const char *end)
{
    const size_t size = strlen(path) + strlen(end) + 1;
    char *out = malloc(size);
    if (out != NULL) {
        (void)snprintf(out, size, "%s%s", path, end);
    }
    return out;
}

static void read_etag(struct part *p)
{
    const int fd = open(p->etag_path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return;
    }
    char text[ETAG_SIZE];
    const ssize_t len = read(fd, text, sizeof text - 1);
    (void)close(fd);
    const struct span etag = {text, len > 0 ? (size_t)len : 0};
    if (!source_etag_strong(etag) || span_copy(etag, p->etag, sizeof p->etag) != ERR_OK) {
        p->etag[0] = '\0';
    }
}

/* Whoever held the lock before may have renamed the file meanwhile: then it is not ours to touch.
 */
static enum err lock(struct part *p)
{
    struct stat held, named;
    if (flock(p->fd, LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK ? ERR_EXISTS : ERR_IO;
    }
    if (fstat(p->fd, &held) != 0) {
        return ERR_IO;
    }
    if (lstat(p->path, &named) != 0 || named.st_ino != held.st_ino || named.st_dev != held.st_dev) {
        return ERR_EXISTS;
    }
    p->size = (uint64_t)held.st_size;
    return ERR_OK;
}

enum err part_open(const char *file, struct part *p)
{
    *p = (struct part){.fd = -1};
    digest_init(&p->digest);
    p->path = with_end(file, ".part");
    p->etag_path = with_end(file, ".part.etag");
    if (p->path == NULL || p->etag_path == NULL) {
        return ERR_NOMEM;
    }
    p->fd = open(p->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
    const enum err e = p->fd >= 0 ? lock(p) : ERR_IO;
    if (e != ERR_OK && p->fd >= 0) {
        const int kept = errno;
        (void)close(p->fd);
        p->fd = -1;
        errno = kept;
    }
    if (e == ERR_OK) {
        read_etag(p);
    }
    return e;
}

enum err part_take_stock(struct part *p, bool (*go_on)(void *self), void *self)
{
    char *chunk = malloc(READ_BYTES);
    enum err e = chunk != NULL ? ERR_OK : ERR_NOMEM;
    uint64_t at = 0;
    digest_clear(&p->digest);
    digest_init(&p->digest);
    while (e == ERR_OK && at < p->size) {
        const ssize_t n = pread(p->fd, chunk, READ_BYTES, (off_t)at);
        if (n <= 0) {
            e = ERR_IO;
        } else if (!go_on(self)) {
            e = ERR_CLOSED;
        } else {
            e = digest_add(&p->digest, (struct span){chunk, (size_t)n});
            at += (uint64_t)n;
        }
    }
    free(chunk);
    return e;
}

static enum err write_all(int fd, struct span bytes, off_t at)
{
    while (bytes.len > 0) {
        const ssize_t n = pwrite(fd, bytes.ptr, bytes.len, at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return ERR_IO;
        }
        bytes = (struct span){bytes.ptr + n, bytes.len - (size_t)n};
        at += n;
    }
    return ERR_OK;
}

static enum err write_etag(const struct part *p)
{
    const int fd = open(p->etag_path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0) {
        return ERR_IO;
    }
    const enum err e = write_all(fd, span_of(p->etag), 0);
    return close(fd) == 0 ? e : ERR_IO;
}

/* The old name of the bytes goes before the bytes change, the new one comes while there are none:
 * a crash at any point leaves no name beside other bytes. */
enum err part_begin(struct part *p, struct span etag)
{
    if (unlink(p->etag_path) != 0 && errno != ENOENT) {
        return ERR_IO;
    }
    if (ftruncate(p->fd, 0) != 0) {
        return ERR_IO;
    }
    digest_clear(&p->digest);
    digest_init(&p->digest);
    p->size = 0;
    p->etag[0] = '\0';
    if (!source_etag_strong(etag) || span_copy(etag, p->etag, sizeof p->etag) != ERR_OK) {
        return ERR_OK;
    }
    return write_etag(p);
}

enum err part_write(struct part *p, struct span bytes)
{
    TRY(write_all(p->fd, bytes, (off_t)p->size));
    p->size += bytes.len;
    return digest_add(&p->digest, bytes);
}

enum err part_digest(struct part *p, char hex[SHA256_HEX_LEN + 1])
{
    unsigned char bytes[SHA256_SIZE];
    TRY(digest_end(&p->digest, bytes));
    hex_encode(bytes, sizeof bytes, hex);
    return ERR_OK;
}

/* Old kernels and some file systems know no RENAME_NOREPLACE. */
static int move(const char *from, const char *to, bool replace)
{
    if (replace) {
        return rename(from, to);
    }
    const int moved = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
    if (moved == 0 || (errno != EINVAL && errno != ENOSYS)) {
        return moved;
    }
    if (access(to, F_OK) == 0) {
        errno = EEXIST;
        return -1;
    }
    return rename(from, to);
}

enum err part_finish(struct part *p, const char *file, bool replace)
{
    if (fsync(p->fd) != 0) {
        return ERR_IO;
    }
    if (move(p->path, file, replace) != 0) {
        return errno == EEXIST ? ERR_EXISTS : ERR_IO;
    }
    (void)unlink(p->etag_path);
    p->size = 1; /* it is no empty part any more: part_close must leave it */
    return ERR_OK;
}

void part_remove(struct part *p)
{
    (void)unlink(p->etag_path);
    (void)unlink(p->path);
}

void part_close(struct part *p)
{
    if (p->fd >= 0) {
        if (p->size == 0) {
            part_remove(p);
        }
        (void)close(p->fd);
        p->fd = -1;
    }
    digest_clear(&p->digest);
    free(p->path);
    free(p->etag_path);
    p->path = NULL;
    p->etag_path = NULL;
}
