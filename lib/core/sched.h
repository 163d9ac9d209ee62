/* Sched: who gets the next job. Pure rules over numbers; no names, no sockets, no clock.
 *
 * A worker sits on a seat. It says how many slots it has offered since its Hello (`granted`, a
 * number that only grows); the broker counts what it has handed out since then (`assigned`) and
 * what it has promised to a call that is still under way (`reserved`):
 *
 *     free = min(granted - assigned, slots) - reserved, never below 0
 *
 * Because both counts only grow, a lost or repeated Offer changes nothing. The next job goes to the
 * seat with the largest free share of its slots, and among equals to the one chosen longest ago:
 * jobs spread before they pile up. A heap keeps that order: choosing and counting cost O(log
 * seats).
 *
 * One thread. The caller owns the storage (about 50 KiB). */
#ifndef LONGHAUL_CORE_SCHED_H
#define LONGHAUL_CORE_SCHED_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SCHED_SEATS_MAX = 1024 }; /* workers of one broker */

struct sched_seat {
    uint64_t granted;  /* offered since Hello */
    uint64_t assigned; /* handed out since Hello */
    uint64_t picked;   /* number of the choice that last fell on it */
    uint32_t slots;
    uint32_t reserved; /* promised to calls under way */
    uint32_t free;     /* what may be chosen now; 0 while closed */
    uint16_t heap_at;  /* place in the heap; SCHED_SEATS_MAX: not in it */
    bool open;
};

struct sched {
    struct sched_seat seats[SCHED_SEATS_MAX];
    uint16_t heap[SCHED_SEATS_MAX]; /* seats with free > 0, the next one first */
    size_t heap_count;
    uint64_t picks;
    uint64_t credit; /* sum of free */
};

void sched_init(struct sched *s);

/* A worker said Hello on `seat`: its counts start anew and it may be chosen. `assigned`: jobs that
 * are on their way to it and that its Hello could not know of. Reservations stay. */
void sched_join(struct sched *s, unsigned seat, uint32_t slots, uint64_t granted,
                uint64_t assigned);
void sched_offer(struct sched *s, unsigned seat, uint64_t granted); /* less than before: ignored */
/* A closed seat (draining, silent, gone) keeps its counts and is not chosen. */
void sched_close(struct sched *s, unsigned seat);
void sched_reopen(struct sched *s, unsigned seat);

/* Chooses up to `want` times, best first, and reserves one slot each time. `seats` gets one entry a
 * choice (the same seat may stand in it often). Each entry must come back exactly once, through
 * sched_assign or sched_give_back. */
size_t sched_reserve(struct sched *s, size_t want, uint16_t *seats);
void sched_assign(struct sched *s, unsigned seat);    /* the reservation became a job */
void sched_give_back(struct sched *s, unsigned seat); /* it did not */
void sched_undo(struct sched *s, unsigned seat);      /* an assigned job never reached the worker */

uint64_t sched_credit(const struct sched *s); /* free slots of all open seats */
uint32_t sched_free(const struct sched *s, unsigned seat);
uint32_t sched_slots(const struct sched *s, unsigned seat); /* as its last Hello said */
uint32_t sched_reserved(const struct sched *s, unsigned seat);

#endif
