/* Clock: the one module that reads time. Everything else takes `now` as a parameter. */
#ifndef LONGHAUL_BASE_CLOCK_H
#define LONGHAUL_BASE_CLOCK_H

#include <stdint.h>

int64_t clock_mono_ms(void); /* CLOCK_MONOTONIC, ms: for waits, timeouts, rates */
int64_t clock_mono_us(void);
int64_t clock_wall_ms(void); /* CLOCK_REALTIME, ms since the epoch: for what people see */

#endif
