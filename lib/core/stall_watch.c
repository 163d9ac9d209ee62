#include "core/stall_watch.h"

void stall_watch_init(struct stall_watch *w, int64_t now_ms)
{
    *w = (struct stall_watch){.opened_ms = now_ms};
}

bool stall_watch_stalled(struct stall_watch *w, uint64_t done, int64_t now_ms, uint64_t step_bytes,
                         int64_t window_ms)
{
    if (done >= w->opened_done + step_bytes) {
        w->opened_done = done;
        w->opened_ms = now_ms;
        return false;
    }
    return now_ms - w->opened_ms >= window_ms;
}
