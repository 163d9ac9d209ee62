#include "base/log.h"

#include "base/clock.h"
#include "base/json_text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    LINE_BYTES_MAX = 2048, /* newline included; less than PIPE_BUF, so that lines never mix */
    TAIL_BYTES = 3,        /* `"}` and the newline: there is always room to end the line */
    TIME_SIZE = 32,
};

/* Written once by main before other threads exist, only read after. */
static const char *log_program = "longhaul";
static enum log_level log_least = LOG_INFO;

static const char *const level_names[] = {
    [LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARN] = "warn", [LOG_ERROR] = "error"};

struct line {
    char text[LINE_BYTES_MAX];
    size_t len;
};

void log_open(const char *program, enum log_level least)
{
    log_program = program;
    log_least = least;
}

/* The longest part of `piece` that fits `room` and does not end inside a UTF-8 sequence. */
static size_t fitting_len(struct span piece, size_t room)
{
    if (piece.len <= room) {
        return piece.len;
    }
    size_t len = room;
    while (len > 0 && ((unsigned char)piece.ptr[len] & 0xC0U) == 0x80U) {
        len--;
    }
    return len;
}

static void add(struct line *line, struct span text)
{
    const size_t len = fitting_len(text, LINE_BYTES_MAX - TAIL_BYTES - line->len);
    memcpy(line->text + line->len, text.ptr, len);
    line->len += len;
}

/* An escape is written whole or not at all. */
static void add_escaped(struct line *line, struct span text)
{
    while (text.len > 0) {
        char scratch[JSON_ESCAPE_SIZE];
        const struct span piece = json_text_next(&text, scratch);
        const size_t room = LINE_BYTES_MAX - TAIL_BYTES - line->len;
        if (piece.ptr == scratch && piece.len > room) {
            return;
        }
        add(line, piece);
        if (piece.len > room) {
            return;
        }
    }
}

static void add_head(struct line *line, enum log_level level, const char *event)
{
    const int64_t now_ms = clock_wall_ms();
    const time_t now_s = (time_t)(now_ms / 1000);
    struct tm utc;
    char at[TIME_SIZE] = "";
    if (gmtime_r(&now_s, &utc) != NULL) {
        (void)strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%S", &utc);
    }
    const int len =
        snprintf(line->text, sizeof line->text - TAIL_BYTES,
                 "{\"at\":\"%s.%03dZ\",\"level\":\"%s\",\"program\":\"%s\",\"event\":\"%s", at,
                 (int)(now_ms % 1000), level_names[level], log_program, event);
    if (len > 0) {
        const size_t most = sizeof line->text - TAIL_BYTES - 1;
        line->len = (size_t)len < most ? (size_t)len : most;
    }
}

__attribute__((format(printf, 2, 0))) static void add_detail(struct line *line, const char *format,
                                                             va_list args)
{
    char detail[LINE_BYTES_MAX];
    const int len = vsnprintf(detail, sizeof detail, format, args);
    const struct span label = SPAN("\",\"detail\":\"");
    if (len <= 0 || label.len > LINE_BYTES_MAX - TAIL_BYTES - line->len) {
        return;
    }
    add(line, label);
    const size_t kept = (size_t)len < sizeof detail ? (size_t)len : sizeof detail - 1;
    add_escaped(line, (struct span){detail, kept});
}

void log_write(enum log_level level, const char *event, const char *format, ...)
{
    if (level < log_least) {
        return;
    }
    const int saved_errno = errno;
    struct line line = {.len = 0};
    add_head(&line, level, event);
    if (format != NULL) {
        va_list args;
        va_start(args, format);
        add_detail(&line, format, args);
        va_end(args);
    }
    memcpy(line.text + line.len, "\"}\n", TAIL_BYTES);
    line.len += TAIL_BYTES;
    /* Nobody is left to tell when stderr is gone. */
    ssize_t written = 0;
    do {
        written = write(STDERR_FILENO, line.text, line.len);
    } while (written < 0 && errno == EINTR);
    errno = saved_errno;
}
