#include "cli/bar.h"

#include <stdio.h>

enum { TEXT_MAX = 512, DAY_S = 86400, HOUR_S = 3600, MINUTE_S = 60 };

void bar_write_size(uint64_t bytes, struct buf *out)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 1024) {
        (void)buf_printf(out, "%llu B", (unsigned long long)bytes);
        return;
    }
    double n = (double)bytes / 1024;
    size_t unit = 0;
    while (n >= 999.5 && unit + 1 < sizeof units / sizeof units[0]) {
        n /= 1024;
        unit++;
    }
    (void)buf_printf(out, "%.*f %s", n < 9.995 ? 2 : (n < 99.95 ? 1 : 0), n, units[unit]);
}

void bar_write_duration(int64_t seconds, struct buf *out)
{
    const long long s = seconds > 0 ? seconds : 0;
    if (s >= DAY_S) {
        (void)buf_printf(out, "%lldd %02lldh", s / DAY_S, s % DAY_S / HOUR_S);
    } else if (s >= HOUR_S) {
        (void)buf_printf(out, "%lld:%02lld:%02lld", s / HOUR_S, s % HOUR_S / MINUTE_S,
                         s % MINUTE_S);
    } else {
        (void)buf_printf(out, "%lld:%02lld", s / MINUTE_S, s % MINUTE_S);
    }
}

static void write_amount(const struct bar *b, struct buf *out)
{
    if (b->total_bytes >= 0 || b->done_bytes > 0) {
        (void)buf_char(out, ' ');
        bar_write_size(b->done_bytes, out);
    }
    if (b->total_bytes >= 0) {
        (void)buf_char(out, '/');
        bar_write_size((uint64_t)b->total_bytes, out);
    }
}

static void write_rate(const struct bar *b, struct buf *out)
{
    if (b->bytes_per_s >= 0) {
        (void)buf_text(out, "  ");
        bar_write_size((uint64_t)b->bytes_per_s, out);
        (void)buf_text(out, "/s");
    }
}

static void write_eta(const struct bar *b, struct buf *out)
{
    if (b->eta_s >= 0) {
        (void)buf_text(out, "  ETA ");
        bar_write_duration(b->eta_s, out);
    }
}

static void write_cells(int percent, size_t cells, struct buf *out)
{
    const size_t full = (size_t)percent * cells / 100;
    (void)buf_text(out, " [");
    for (size_t i = 0; i < cells; i++) {
        (void)buf_char(out, i < full ? '=' : (i == full && percent > 0 ? '>' : ' '));
    }
    (void)buf_char(out, ']');
}

/* Bytes are columns here: labels are ASCII. */
void bar_write(const struct bar *b, size_t width, struct buf *out)
{
    void (*const parts[])(const struct bar *b, struct buf *out) = {write_amount, write_rate,
                                                                   write_eta};
    enum { CELLS_MIN = 8, FRAME = 3 };
    struct buf head, tail;
    buf_init(&head, TEXT_MAX);
    buf_init(&tail, TEXT_MAX);
    (void)buf_span(&head, b->label);
    if (b->percent >= 0) {
        (void)buf_printf(&head, " %3d%%", b->percent < 100 ? b->percent : 100);
    }
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const size_t before = tail.len;
        parts[i](b, &tail);
        if (head.len + tail.len > width) {
            tail.len = before;
        }
    }
    const size_t used = head.len + tail.len;
    const size_t room = width > used + FRAME ? width - used - FRAME : 0;
    const size_t taken = head.len < width ? head.len : width;
    (void)buf_append(out, head.data, taken);
    if (b->percent >= 0 && room >= CELLS_MIN) {
        write_cells(b->percent < 100 ? b->percent : 100,
                    room < BAR_CELLS_MAX ? room : BAR_CELLS_MAX, out);
    }
    (void)buf_append(out, tail.data, tail.len);
    buf_clear(&tail);
    buf_clear(&head);
}
