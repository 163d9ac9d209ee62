#include "core/sched.h"

#include <assert.h>
#include <string.h>

enum { NOWHERE = SCHED_SEATS_MAX };

void sched_init(struct sched *s)
{
    memset(s, 0, sizeof *s);
    for (size_t i = 0; i < SCHED_SEATS_MAX; i++) {
        s->seats[i].heap_at = NOWHERE;
    }
}

/* Is `a` to be chosen before `b`? Shares are compared as fractions, crosswise: free / slots. */
static bool goes_first(const struct sched *s, uint16_t a, uint16_t b)
{
    const struct sched_seat *sa = &s->seats[a];
    const struct sched_seat *sb = &s->seats[b];
    const uint64_t share_a = (uint64_t)sa->free * sb->slots;
    const uint64_t share_b = (uint64_t)sb->free * sa->slots;
    if (share_a != share_b) {
        return share_a > share_b;
    }
    return sa->picked != sb->picked ? sa->picked < sb->picked : a < b;
}

static void heap_set(struct sched *s, size_t at, uint16_t seat)
{
    s->heap[at] = seat;
    s->seats[seat].heap_at = (uint16_t)at;
}

static void heap_up(struct sched *s, size_t at)
{
    const uint16_t seat = s->heap[at];
    while (at > 0 && goes_first(s, seat, s->heap[(at - 1) / 2])) {
        heap_set(s, at, s->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    heap_set(s, at, seat);
}

static void heap_down(struct sched *s, size_t at)
{
    const uint16_t seat = s->heap[at];
    for (size_t child = 2 * at + 1; child < s->heap_count; child = 2 * at + 1) {
        if (child + 1 < s->heap_count && goes_first(s, s->heap[child + 1], s->heap[child])) {
            child++;
        }
        if (!goes_first(s, s->heap[child], seat)) {
            break;
        }
        heap_set(s, at, s->heap[child]);
        at = child;
    }
    heap_set(s, at, seat);
}

static void heap_drop(struct sched *s, uint16_t seat)
{
    const size_t at = s->seats[seat].heap_at;
    const uint16_t last = s->heap[--s->heap_count];
    s->seats[seat].heap_at = NOWHERE;
    if (last != seat) {
        heap_set(s, at, last);
        heap_up(s, at);
        heap_down(s, s->seats[last].heap_at);
    }
}

static uint32_t count_free(const struct sched_seat *seat)
{
    if (!seat->open || seat->granted <= seat->assigned) {
        return 0;
    }
    const uint64_t offered = seat->granted - seat->assigned;
    const uint32_t held = offered < seat->slots ? (uint32_t)offered : seat->slots;
    return held > seat->reserved ? held - seat->reserved : 0;
}

/* After any change of a seat's numbers: its free count, the sum and its place in the heap. */
static void settle(struct sched *s, unsigned index)
{
    struct sched_seat *seat = &s->seats[index];
    const uint32_t before = seat->free;
    seat->free = count_free(seat);
    s->credit = s->credit - before + seat->free;
    if (seat->heap_at == NOWHERE) {
        if (seat->free > 0) {
            heap_set(s, s->heap_count++, (uint16_t)index);
            heap_up(s, seat->heap_at);
        }
    } else if (seat->free == 0) {
        heap_drop(s, (uint16_t)index);
    } else {
        heap_up(s, seat->heap_at);
        heap_down(s, seat->heap_at);
    }
}

static struct sched_seat *seat_at(struct sched *s, unsigned seat)
{
    assert(seat < SCHED_SEATS_MAX);
    return &s->seats[seat];
}

void sched_join(struct sched *s, unsigned seat, uint32_t slots, uint64_t granted, uint64_t assigned)
{
    struct sched_seat *joined = seat_at(s, seat);
    /* The share of a seat is a fraction of its slots: take it out before they change. */
    sched_close(s, seat);
    joined->slots = slots;
    joined->granted = granted;
    joined->assigned = assigned;
    joined->open = true;
    settle(s, seat);
}

void sched_offer(struct sched *s, unsigned seat, uint64_t granted)
{
    struct sched_seat *offering = seat_at(s, seat);
    if (granted > offering->granted) {
        offering->granted = granted;
        settle(s, seat);
    }
}

void sched_close(struct sched *s, unsigned seat)
{
    seat_at(s, seat)->open = false;
    settle(s, seat);
}

void sched_reopen(struct sched *s, unsigned seat)
{
    seat_at(s, seat)->open = true;
    settle(s, seat);
}

size_t sched_reserve(struct sched *s, size_t want, uint16_t *seats)
{
    size_t count = 0;
    while (count < want && s->heap_count > 0) {
        const uint16_t best = s->heap[0];
        s->seats[best].reserved++;
        s->seats[best].picked = ++s->picks;
        settle(s, best);
        seats[count++] = best;
    }
    return count;
}

void sched_assign(struct sched *s, unsigned seat)
{
    struct sched_seat *taken = seat_at(s, seat);
    assert(taken->reserved > 0);
    taken->reserved--;
    taken->assigned++;
    settle(s, seat);
}

void sched_give_back(struct sched *s, unsigned seat)
{
    struct sched_seat *given = seat_at(s, seat);
    assert(given->reserved > 0);
    given->reserved--;
    settle(s, seat);
}

void sched_undo(struct sched *s, unsigned seat)
{
    struct sched_seat *undone = seat_at(s, seat);
    if (undone->assigned > 0) { /* a Hello in between may have started the count anew */
        undone->assigned--;
        settle(s, seat);
    }
}

uint64_t sched_credit(const struct sched *s)
{
    return s->credit;
}

uint32_t sched_free(const struct sched *s, unsigned seat)
{
    assert(seat < SCHED_SEATS_MAX);
    return s->seats[seat].free;
}

uint32_t sched_reserved(const struct sched *s, unsigned seat)
{
    assert(seat < SCHED_SEATS_MAX);
    return s->seats[seat].reserved;
}

uint32_t sched_slots(const struct sched *s, unsigned seat)
{
    assert(seat < SCHED_SEATS_MAX);
    return s->seats[seat].slots;
}
