#include "base/option_value.h"

#include "base/span.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SECRET_BYTES_MAX = 4096, /* of a secret's file: a key or a password, not a document */
    COMPLAINT_SIZE = 1024,
};

static void *field_of(const struct option_parser *p, const struct option_def *def)
{
    return p->config + def->offset;
}

enum err option_complain(const struct option_parser *p, const char *format, ...);

enum err option_complain(const struct option_parser *p, const char *format, ...)
{
    char text[COMPLAINT_SIZE];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    (void)buf_printf(p->message, "%s: %s\nTry %s --help.\n", p->table->program, text,
                     p->table->program);
    return ERR_INVALID;
}

void option_forget_secret(void *field)
{
    char *secret = NULL;
    memcpy(&secret, field, sizeof secret);
    if (secret != NULL) {
        explicit_bzero(secret, strlen(secret));
        free(secret);
        secret = NULL;
        memcpy(field, &secret, sizeof secret);
    }
}

static enum err put_secret(const struct option_parser *p, struct option_setting s, struct span text)
{
    if (text.len == 0) {
        return option_complain(p, "%s is empty", s.called);
    }
    char *secret = malloc(text.len + 1);
    if (secret == NULL) {
        return option_complain(p, "out of memory");
    }
    if (span_copy(text, secret, text.len + 1) != ERR_OK) {
        free(secret);
        return option_complain(p, "%s holds a NUL byte", s.called);
    }
    void *field = field_of(p, s.def);
    option_forget_secret(field);
    memcpy(field, &secret, sizeof secret);
    return ERR_OK;
}

static enum err put_number(const struct option_parser *p, struct option_setting s, const char *text)
{
    int64_t n = 0;
    const enum err e = span_to_i64(span_of(text), &n);
    if (e == ERR_INVALID) {
        return option_complain(p, "%s: \"%.64s\" is not a whole number", s.called, text);
    }
    if (e != ERR_OK || n < s.def->min || n > s.def->max) {
        return option_complain(p, "%s: %.64s is not between %" PRId64 " and %" PRId64, s.called,
                               text, s.def->min, s.def->max);
    }
    memcpy(field_of(p, s.def), &n, sizeof n);
    return ERR_OK;
}

static enum err put_flag(const struct option_parser *p, struct option_setting s, const char *text)
{
    const struct span value = span_of(text);
    const bool on = span_eq(value, SPAN("1")) || span_eq(value, SPAN("true"));
    if (!on && !span_eq(value, SPAN("0")) && !span_eq(value, SPAN("false"))) {
        return option_complain(p, "%s: \"%.64s\" is none of 1, 0, true, false", s.called, text);
    }
    memcpy(field_of(p, s.def), &on, sizeof on);
    return ERR_OK;
}

enum err option_put(const struct option_parser *p, struct option_setting s, const char *text)
{
    switch (s.def->type) {
    case OPTION_FLAG:
        return put_flag(p, s, text);
    case OPTION_TEXT:
        memcpy(field_of(p, s.def), &text, sizeof text);
        return ERR_OK;
    case OPTION_NUMBER:
        return put_number(p, s, text);
    case OPTION_SECRET:
        return put_secret(p, s, span_of(text));
    }
    assert(false);
    return ERR_INTERNAL;
}

/* Up to `cap` bytes of the file; -1 with errno set. */
static ssize_t read_file(const char *path, char *out, size_t cap)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    size_t len = 0;
    ssize_t n = 1;
    while (n != 0 && len < cap) {
        n = read(fd, out + len, cap - len);
        if (n < 0 && errno != EINTR) {
            const int saved = errno;
            (void)close(fd);
            errno = saved;
            return -1;
        }
        len += n > 0 ? (size_t)n : 0;
    }
    (void)close(fd);
    return (ssize_t)len;
}

enum err option_put_secret_file(const struct option_parser *p, struct option_setting s,
                                const char *path)
{
    char bytes[SECRET_BYTES_MAX + 1];
    const ssize_t n = read_file(path, bytes, sizeof bytes);
    if (n < 0) {
        return option_complain(p, "%s: %.512s: %s", s.called, path, strerror(errno));
    }
    enum err e = ERR_OK;
    struct span text = {bytes, (size_t)n};
    if (text.len > SECRET_BYTES_MAX) {
        e = option_complain(p, "%s: %.512s is over %d bytes", s.called, path, SECRET_BYTES_MAX);
    } else {
        text.len -= text.len > 0 && bytes[text.len - 1] == '\n' ? 1 : 0;
        e = put_secret(p, s, text);
    }
    explicit_bzero(bytes, sizeof bytes);
    return e;
}
