/* Simulation: what a simulated transfer has done after so many milliseconds.
 *
 * A pure function of the plan and the time that passed; whoever runs it moves the bytes. */
#ifndef LONGHAUL_CORE_SIMULATION_H
#define LONGHAUL_CORE_SIMULATION_H

#include "core/job.h"
#include "core/job_error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct simulation {
    uint32_t duration_ms;
    uint32_t report_ms; /* 0: no reports */
    uint64_t size_bytes;
    int stall_at_percent;   /* -1: never */
    int64_t stall_at_ms;    /* when it is there; -1: never */
    struct job_fault fault; /* how it ends; JOB_ERROR_NONE: well */
};

/* `failures` are the charged failures of the job's life: the first simulate.fail_attempts attempts
 * fail. A code that is not on the list becomes INTERNAL. */
void simulation_init(struct simulation *s, const struct simulate *plan, uint32_t failures);

struct simulation_state {
    uint64_t bytes_due; /* of the artifact, by now */
    bool time_over;     /* nothing more to wait for */
    int64_t stalled_ms; /* how long it has not moved on purpose; 0: it moves */
    struct meter meter; /* as of the last report time, or of the stall */
    int64_t next_ms;    /* elapsed time at which this answer changes again by itself; -1: never */
};

/* `bytes_done` is what was really written so far. */
struct simulation_state simulation_at(const struct simulation *s, int64_t elapsed_ms,
                                      uint64_t bytes_done);

/* The artifact's bytes from `offset` on: byte i is i ^ (i >> 8) ^ (i >> 16), cut to 8 bits. */
void simulation_fill(uint64_t offset, unsigned char *out, size_t len);

#endif
