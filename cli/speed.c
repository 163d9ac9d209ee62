#include "cli/speed.h"

#include <string.h>

void speed_init(struct speed *s)
{
    *s = (struct speed){.count = 0};
}

void speed_add(struct speed *s, uint64_t bytes, int64_t now_ms)
{
    if (s->count > 0 && bytes < s->bytes[s->count - 1]) {
        s->count = 0;
    }
    const size_t n = s->count;
    if (n > 1 && now_ms - s->at_ms[n - 2] < SPEED_SPACING_MS) {
        s->count--;
    } else if (n == SPEED_SAMPLES) {
        memmove(s->at_ms, s->at_ms + 1, (SPEED_SAMPLES - 1) * sizeof s->at_ms[0]);
        memmove(s->bytes, s->bytes + 1, (SPEED_SAMPLES - 1) * sizeof s->bytes[0]);
        s->count--;
    }
    s->at_ms[s->count] = now_ms;
    s->bytes[s->count++] = bytes;
}

int64_t speed_bytes_per_s(const struct speed *s)
{
    if (s->count < 2) {
        return -1;
    }
    const size_t last = s->count - 1;
    const int64_t ms = s->at_ms[last] - s->at_ms[0];
    if (ms <= 0) {
        return -1;
    }
    return (int64_t)((double)(s->bytes[last] - s->bytes[0]) * 1000 / (double)ms);
}

int64_t speed_eta_s(const struct speed *s, uint64_t done, int64_t total)
{
    const int64_t rate = speed_bytes_per_s(s);
    if (rate <= 0 || total < 0 || done > (uint64_t)total) {
        return -1;
    }
    const uint64_t left = (uint64_t)total - done;
    return (int64_t)(left / (uint64_t)rate + (left % (uint64_t)rate != 0 ? 1 : 0));
}
