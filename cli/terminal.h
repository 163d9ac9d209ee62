/* Terminal: what people see. Results go to stdout, everything else to stderr; the progress bar only
 * where stderr is a terminal that can move its cursor. Text of strangers loses its control
 * characters on the way. */
#ifndef LONGHAUL_CLI_TERMINAL_H
#define LONGHAUL_CLI_TERMINAL_H

#include "base/buf.h"
#include "cli/args.h"
#include "cli/bar.h"

#include <stdbool.h>
#include <stdint.h>

struct terminal {
    bool bar;    /* may be drawn */
    bool colour; /* of stderr: NO_COLOR and TERM=dumb turn it off */
    bool quiet;
    bool drawn; /* a bar stands in the present line */
    int64_t drawn_at_ms;
};

void terminal_open(struct terminal *t, const struct args *args);
void terminal_bar(struct terminal *t, const struct bar *b, int64_t now_ms); /* 5 a second at most */
void terminal_erase(struct terminal *t);

/* A line on stderr; notes not with --quiet. The line end is added. */
void terminal_note(struct terminal *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void terminal_error(struct terminal *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* How to come back: as an error without its mark. */
void terminal_hint(struct terminal *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A line on stdout. */
void terminal_result(struct terminal *t, struct span text);

/* Appends the text with '?' for control characters (C0 but tab and newline, DEL, C1). */
void terminal_plain(struct span text, struct buf *out);

#endif
