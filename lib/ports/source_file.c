#include "ports/source_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct file_root {
    int fd;
    char chunk[SOURCE_CHUNK_MAX]; /* shared: one file reads at a time */
};

struct file_source {
    struct source base;
    struct file_root *root;
    struct source_listener listener;
    int fd; /* -1: not open yet, or ended */
    bool over, paused;
    uint64_t received;  /* also where the next read begins */
    struct stat opened; /* as it was when opened */
    char name[];
};

enum err file_root_open(const char *folder, struct file_root **out)
{
    struct file_root *r = malloc(sizeof(*r));
    if (r == NULL) {
        return ERR_NOMEM;
    }
    r->fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (r->fd < 0) {
        free(r);
        return ERR_NOT_FOUND;
    }
    *out = r;
    return ERR_OK;
}

void file_root_close(struct file_root **r)
{
    if (*r != NULL) {
        close((*r)->fd);
        free(*r);
        *r = NULL;
    }
}

static void end_with(struct file_source *f, struct job_fault fault)
{
    f->over = true;
    f->listener.end(f->listener.context, &fault);
}

static struct job_fault open_fault(int error)
{
    static const struct {
        int error;
        enum job_error fault;
    } TABLE[] = {
        {ENOENT, JOB_ERROR_SOURCE_NOT_FOUND}, {ENOTDIR, JOB_ERROR_SOURCE_NOT_FOUND},
        {EACCES, JOB_ERROR_SOURCE_FORBIDDEN}, {EPERM, JOB_ERROR_SOURCE_FORBIDDEN},
        {EXDEV, JOB_ERROR_SOURCE_FORBIDDEN},  {ELOOP, JOB_ERROR_SOURCE_FORBIDDEN},
    };
    for (size_t i = 0; i < sizeof(TABLE) / sizeof(TABLE[0]); i++) {
        if (TABLE[i].error == error) {
            return job_fault_of(TABLE[i].fault);
        }
    }
    return job_fault_of(JOB_ERROR_SOURCE_UNREACHABLE);
}

/* O_NONBLOCK: a FIFO must not hold up the loop before it is seen that it is one. */
static int open_beneath(int root_fd, const char *name)
{
    const struct open_how how = {
        .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    return (int)syscall(SYS_openat2, root_fd, name, &how, sizeof(how));
}

int64_t source_file_size(struct file_root *root, struct span name)
{
    char text[PATH_MAX];
    struct stat st = {.st_size = -1};
    if (span_copy(name, text, sizeof(text)) != ERR_OK) {
        return -1;
    }
    const int fd = open_beneath(root->fd, text);
    const bool known = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    if (fd >= 0) {
        close(fd);
    }
    return known ? st.st_size : -1;
}

static void file_begin(struct file_source *f)
{
    f->fd = open_beneath(f->root->fd, f->name);
    if (f->fd < 0) {
        end_with(f, open_fault(errno));
        return;
    }
    if (fstat(f->fd, &f->opened) != 0 || !S_ISREG(f->opened.st_mode)) {
        end_with(f, job_fault_of(JOB_ERROR_SOURCE_FORBIDDEN));
        return;
    }
    (void)posix_fadvise(f->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    const char *slash = strrchr(f->name, '/');
    const struct source_info info = {.size_bytes = f->opened.st_size,
                                     .modified_s = f->opened.st_mtim.tv_sec,
                                     .file_name = slash != NULL ? slash + 1 : f->name,
                                     .content_type = ""};
    f->over = !f->listener.begin(f->listener.context, &info);
}

/* Whole only if it is still the file that was opened: same length, same time of change. */
static void file_end(struct file_source *f)
{
    struct stat now;
    const bool same = fstat(f->fd, &now) == 0 && now.st_size == f->opened.st_size &&
                      f->received == (uint64_t)f->opened.st_size &&
                      now.st_mtim.tv_sec == f->opened.st_mtim.tv_sec &&
                      now.st_mtim.tv_nsec == f->opened.st_mtim.tv_nsec;
    end_with(f, same ? JOB_FAULT_NONE
                     : job_fault_text(JOB_ERROR_SOURCE_UNREACHABLE, JOB_TEXT_CHANGED));
}

static void file_turn(struct source *s)
{
    struct file_source *f = (struct file_source *)s;
    if (f->over || f->paused) {
        return;
    }
    if (f->fd < 0) {
        file_begin(f);
        return;
    }
    const ssize_t got = pread(f->fd, f->root->chunk, SOURCE_CHUNK_MAX, (off_t)f->received);
    if (got < 0 && errno == EINTR) {
        return;
    }
    if (got < 0) {
        end_with(f, job_fault_of(JOB_ERROR_SOURCE_UNREACHABLE));
        return;
    }
    if (got == 0) {
        file_end(f);
        return;
    }
    const enum source_take take =
        f->listener.bytes(f->listener.context, (struct span){f->root->chunk, (size_t)got});
    f->received += take == SOURCE_TAKEN ? (uint64_t)got : 0;
    f->paused = take == SOURCE_PAUSE;
    f->over = take == SOURCE_STOP;
}

static void file_resume(struct source *s)
{
    ((struct file_source *)s)->paused = false; /* its next turn reads the same bytes */
}

static void file_destroy(struct source *s)
{
    struct file_source *f = (struct file_source *)s;
    if (f->fd >= 0) {
        close(f->fd);
    }
    free(f);
}

static const struct source_ops FILE_OPS = {
    .turn = file_turn, .resume = file_resume, .destroy = file_destroy};

enum err source_file_new(struct file_root *root, struct span name,
                         const struct source_listener *listener, struct source **out)
{
    struct file_source *f = calloc(1, sizeof(*f) + name.len + 1);
    if (f == NULL) {
        return ERR_NOMEM;
    }
    if (span_copy(name, f->name, name.len + 1) != ERR_OK) {
        free(f);
        return ERR_INVALID;
    }
    f->base.ops = &FILE_OPS;
    f->root = root;
    f->listener = *listener;
    f->fd = -1;
    *out = &f->base;
    return ERR_OK;
}

static int hex_value(char c)
{
    static const char DIGITS[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c != '\0' ? strchr(DIGITS, c) : NULL;
    return at != NULL ? (int)((at - DIGITS) % 16) : -1;
}

static enum err decode_path(struct span path, char *out)
{
    size_t len = 0;
    for (size_t i = 0; i < path.len; i++) {
        char c = path.ptr[i];
        if (c == '%') {
            const int high = i + 2 < path.len ? hex_value(path.ptr[i + 1]) : -1;
            const int low = high >= 0 ? hex_value(path.ptr[i + 2]) : -1;
            if (low < 0 || (high == 0 && low == 0)) {
                return ERR_INVALID;
            }
            c = (char)(high << 4 | low);
            i += 2;
        }
        out[len++] = c;
    }
    out[len] = '\0';
    return ERR_OK;
}

/* RFC 8089: file:/path, file:///path, file://localhost/path */
static enum err url_path(struct span url, struct span *path)
{
    static const struct span FORMS[] = {{"file://localhost/", 17}, {"file:///", 8}, {"file:/", 6}};
    for (size_t i = 0; i < sizeof(FORMS) / sizeof(FORMS[0]); i++) {
        const size_t len = FORMS[i].len;
        if (url.len > len && span_eq_nocase((struct span){url.ptr, len}, FORMS[i])) {
            *path = (struct span){url.ptr + len - 1, url.len - len + 1};
            return ERR_OK;
        }
    }
    return ERR_INVALID;
}

enum err source_file_url_name(struct span url, struct span root_path, char **out)
{
    struct span path;
    TRY(url_path(url, &path));
    char *name = malloc(path.len + 1);
    if (name == NULL) {
        return ERR_NOMEM;
    }
    if (decode_path(path, name) != ERR_OK) {
        free(name);
        return ERR_INVALID;
    }
    while (root_path.len > 0 && root_path.ptr[root_path.len - 1] == '/') {
        root_path.len--;
    }
    const size_t len = strlen(name);
    if (len <= root_path.len + 1 || name[root_path.len] != '/' ||
        (root_path.len > 0 && memcmp(name, root_path.ptr, root_path.len) != 0)) {
        free(name);
        return ERR_DENIED;
    }
    memmove(name, name + root_path.len + 1, len - root_path.len);
    *out = name;
    return ERR_OK;
}
