#include "samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

uint64_t clock_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

void samples_add(struct samples *s, uint64_t us)
{
    if (s->count == SAMPLES_MAX) {
        return;
    }
    if (s->count == s->cap) {
        s->cap = s->cap == 0 ? 4096 : s->cap * 2;
        s->at = realloc(s->at, s->cap * sizeof *s->at);
        if (s->at == NULL) {
            abort();
        }
    }
    s->at[s->count++] = us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

static int compare(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

double samples_quantile_ms(struct samples *s, double q)
{
    if (s->count == 0) {
        return 0;
    }
    qsort(s->at, s->count, sizeof *s->at, compare);
    return s->at[(size_t)(q * (double)(s->count - 1))] / 1000.0;
}

void samples_print(struct samples *s, const char *name)
{
    printf(",\"%s_p50_ms\":%.3f,\"%s_p99_ms\":%.3f,\"%s_max_ms\":%.3f", name,
           samples_quantile_ms(s, 0.5), name, samples_quantile_ms(s, 0.99), name,
           samples_quantile_ms(s, 1));
}
