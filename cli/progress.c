#include "cli/progress.h"

#include "cli/api.h"

#include <ctype.h>
#include <string.h>

void progress_init(struct progress *p, struct terminal *terminal)
{
    *p = (struct progress){.terminal = terminal, .eta_s = -1};
    p->bar = (struct bar){.percent = -1, .total_bytes = -1, .bytes_per_s = -1, .eta_s = -1};
    speed_init(&p->speed);
}

/* Another label means other bytes. Labels are plain words; anything else becomes "working". */
static void set_label(struct progress *p, const char *label)
{
    const size_t len = strlen(label);
    bool plain = len > 0 && len < sizeof p->label;
    for (size_t i = 0; plain && i < len; i++) {
        plain = isalnum((unsigned char)label[i]) != 0;
    }
    const struct span text = span_of(plain ? label : "working");
    if (!span_eq(text, span_of(p->label))) {
        speed_init(&p->speed);
        memcpy(p->label, text.ptr, text.len);
        p->label[text.len] = '\0';
    }
    p->bar.label = span_of(p->label);
}

static void take_speed(struct progress *p, int64_t now_ms)
{
    speed_add(&p->speed, p->bar.done_bytes, now_ms);
    p->bar.bytes_per_s = p->bar.done_bytes > 0 ? speed_bytes_per_s(&p->speed) : -1;
    p->bar.eta_s =
        p->eta_s >= 0 ? p->eta_s : speed_eta_s(&p->speed, p->bar.done_bytes, p->bar.total_bytes);
}

void progress_status(struct progress *p, const json_t *status, int64_t now_ms)
{
    const char *state = api_text(status, "status");
    const char *stage = api_text(status, "stage");
    const bool running = state != NULL && strcmp(state, "running") == 0;
    const int64_t done = api_number(status, "bytesDone", 0);
    set_label(p, running && stage != NULL ? stage : (state != NULL ? state : ""));
    p->bar.percent = running ? (int)api_number(status, "progress", -1) : -1;
    p->bar.done_bytes = done > 0 ? (uint64_t)done : 0;
    p->bar.total_bytes = api_number(status, "bytesTotal", -1);
    p->eta_s = running ? api_number(status, "etaSeconds", -1) : -1;
    take_speed(p, now_ms);
    progress_draw(p, now_ms);
}

void progress_bytes(struct progress *p, uint64_t done, int64_t total, int64_t now_ms)
{
    set_label(p, "saving");
    p->eta_s = -1;
    p->bar.done_bytes = done;
    p->bar.total_bytes = total;
    p->bar.percent = total > 0 ? (int)((double)done * 100 / (double)total) : -1;
    take_speed(p, now_ms);
}

void progress_draw(struct progress *p, int64_t now_ms)
{
    if (p->bar.label.len > 0) {
        terminal_bar(p->terminal, &p->bar, now_ms);
    }
}
