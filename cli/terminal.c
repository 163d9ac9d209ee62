#include "cli/terminal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 1 << 20, MESSAGE_BYTES = 4096, WIDTH_DEFAULT = 80, DRAW_MS = 200 };

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0';
}

void terminal_open(struct terminal *t, const struct args *args)
{
    const char *kind = getenv("TERM");
    const bool able =
        isatty(STDERR_FILENO) == 1 && kind != NULL && kind[0] != '\0' && strcmp(kind, "dumb") != 0;
    *t = (struct terminal){.quiet = args->quiet,
                           .colour = able && !is_set("NO_COLOR"),
                           .bar = able && !args->quiet && !args->no_progress};
}

static size_t width(void)
{
    struct winsize size = {.ws_col = 0};
    const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : WIDTH_DEFAULT;
}

void terminal_bar(struct terminal *t, const struct bar *b, int64_t now_ms)
{
    if (!t->bar || (t->drawn && now_ms - t->drawn_at_ms < DRAW_MS)) {
        return;
    }
    struct buf line;
    buf_init(&line, MESSAGE_BYTES);
    bar_write(b, width() - 1, &line);
    (void)fprintf(stderr, "\r\033[K%.*s", SPAN_ARG(buf_as_span(&line)));
    (void)fflush(stderr);
    buf_clear(&line);
    t->drawn = true;
    t->drawn_at_ms = now_ms;
}

void terminal_erase(struct terminal *t)
{
    if (t->drawn) {
        (void)fputs("\r\033[K", stderr);
        (void)fflush(stderr);
    }
    t->drawn = false;
}

void terminal_plain(struct span text, struct buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.ptr[i];
        const unsigned char next = i + 1 < text.len ? (unsigned char)text.ptr[i + 1] : 0;
        if (c == 0xC2 && next >= 0x80 && next < 0xA0) {
            (void)buf_char(out, '?');
            i++;
        } else {
            const bool control = (c < 0x20 && c != '\n' && c != '\t') || c == 0x7F;
            (void)buf_char(out, control ? '?' : (char)c);
        }
    }
}

static void put_line(FILE *to, struct span text)
{
    struct buf plain;
    buf_init(&plain, LINE_MAX_BYTES);
    terminal_plain(text, &plain);
    (void)buf_char(&plain, '\n');
    (void)fwrite(plain.data, 1, plain.len, to);
    (void)fflush(to);
    buf_clear(&plain);
}

__attribute__((format(printf, 3, 0))) static void say(struct terminal *t, const char *mark,
                                                      const char *format, va_list list)
{
    char text[MESSAGE_BYTES];
    const int len = vsnprintf(text, sizeof text, format, list);
    const size_t kept = len < 0 ? 0 : ((size_t)len < sizeof text ? (size_t)len : sizeof text - 1);
    terminal_erase(t);
    (void)fputs(mark, stderr);
    put_line(stderr, (struct span){text, kept});
}

void terminal_note(struct terminal *t, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    if (!t->quiet) {
        say(t, "", format, list);
    }
    va_end(list);
}

void terminal_error(struct terminal *t, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    say(t, t->colour ? "\033[31mlonghaul:\033[0m " : "longhaul: ", format, list);
    va_end(list);
}

void terminal_hint(struct terminal *t, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    say(t, "", format, list);
    va_end(list);
}

void terminal_result(struct terminal *t, struct span text)
{
    terminal_erase(t);
    put_line(stdout, text);
}
