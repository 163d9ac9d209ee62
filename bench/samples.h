/* Samples: times in microseconds, kept one by one and sorted at the end. */
#ifndef LONGHAUL_BENCH_SAMPLES_H
#define LONGHAUL_BENCH_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

enum { SAMPLES_MAX = 8 << 20 }; /* 32 MiB; further ones are counted, not kept */

struct samples {
    uint32_t *at;
    size_t count, cap;
};

uint64_t clock_us(void); /* steady */
void samples_add(struct samples *s, uint64_t us);
/* q in 0 … 1; milliseconds; 0 without samples. Sorts. */
double samples_quantile_ms(struct samples *s, double q);
/* ,"<name>_p50_ms":…,"<name>_p99_ms":…,"<name>_max_ms":… on stdout */
void samples_print(struct samples *s, const char *name);

#endif
