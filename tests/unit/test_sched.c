// links: base core
#include "core/sched.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct sched s;

static void setup(void)
{
    sched_init(&s);
}

TestSuite(sched, .init = setup);

/* One choice, turned into a job. SCHED_SEATS_MAX: nobody is free. */
static unsigned give(void)
{
    uint16_t seat;
    if (sched_reserve(&s, 1, &seat) == 0) {
        return SCHED_SEATS_MAX;
    }
    sched_assign(&s, seat);
    return seat;
}

Test(sched, test_sched_without_workers_gives_nothing)
{
    uint16_t seats[4];
    cr_assert_eq(sched_reserve(&s, 4, seats), 0);
    cr_assert_eq(sched_credit(&s), 0);
}

Test(sched, test_sched_worker_without_credit_gets_nothing)
{
    sched_join(&s, 3, 8, 0, 0);
    cr_assert_eq(give(), SCHED_SEATS_MAX);
    sched_join(&s, 4, 0, 5, 0);
    cr_assert_eq(give(), SCHED_SEATS_MAX, "no slots, whatever it grants");
}

Test(sched, test_sched_grant_over_its_slots_counts_only_the_slots)
{
    sched_join(&s, 0, 4, UINT64_MAX, 0);
    cr_assert_eq(sched_credit(&s), 4);
    for (int i = 0; i < 1000; i++) { /* the peer's number is wrong, ours stay defined */
        cr_assert_eq(give(), 0);
    }
    cr_assert_eq(sched_credit(&s), 4);
}

Test(sched, test_sched_more_assigned_than_granted_is_no_credit)
{
    sched_join(&s, 0, 4, 2, 7);
    cr_assert_eq(sched_credit(&s), 0);
    sched_offer(&s, 0, 8);
    cr_assert_eq(sched_credit(&s), 1);
}

Test(sched, test_sched_lower_or_repeated_offer_changes_nothing)
{
    sched_join(&s, 0, 4, 2, 0);
    cr_assert_eq(give(), 0);
    sched_offer(&s, 0, 2);
    sched_offer(&s, 0, 1);
    cr_assert_eq(sched_credit(&s), 1);
    sched_offer(&s, 0, 3);
    sched_offer(&s, 0, 3);
    cr_assert_eq(sched_credit(&s), 2);
}

Test(sched, test_sched_closed_seat_is_not_chosen_and_keeps_its_counts)
{
    sched_join(&s, 0, 4, 4, 0);
    cr_assert_eq(give(), 0);
    sched_close(&s, 0);
    cr_assert_eq(give(), SCHED_SEATS_MAX);
    sched_offer(&s, 0, 5);
    cr_assert_eq(sched_credit(&s), 0);
    sched_reopen(&s, 0);
    cr_assert_eq(sched_credit(&s), 4);
}

Test(sched, test_sched_close_twice_and_reopen_of_an_open_seat_are_harmless)
{
    sched_join(&s, 0, 2, 2, 0);
    sched_reopen(&s, 0);
    cr_assert_eq(sched_credit(&s), 2);
    sched_close(&s, 0);
    sched_close(&s, 0);
    cr_assert_eq(sched_credit(&s), 0);
    cr_assert_eq(s.heap_count, 0);
}

Test(sched, test_sched_reservation_of_a_closed_seat_can_be_given_back)
{
    uint16_t seat;
    sched_join(&s, 9, 2, 2, 0);
    cr_assert_eq(sched_reserve(&s, 1, &seat), 1);
    sched_close(&s, 9);
    sched_give_back(&s, 9);
    cr_assert_eq(sched_reserved(&s, 9), 0);
    cr_assert_eq(sched_credit(&s), 0);
    sched_reopen(&s, 9);
    cr_assert_eq(sched_credit(&s), 2);
}

Test(sched, test_sched_hello_again_starts_the_counts_anew_but_keeps_reservations)
{
    uint16_t seats[2];
    sched_join(&s, 0, 4, 4, 0);
    cr_assert_eq(give(), 0);
    cr_assert_eq(sched_reserve(&s, 2, seats), 2);
    sched_join(&s, 0, 4, 3, 0);
    cr_assert_eq(sched_credit(&s), 1, "3 free slots, 2 of them promised");
    sched_assign(&s, 0);
    sched_give_back(&s, 0);
    cr_assert_eq(sched_credit(&s), 2);
}

Test(sched, test_sched_hello_that_crosses_assignments_does_not_exceed_the_slots)
{
    sched_join(&s, 0, 4, 4, 0);
    cr_assert_eq(give(), 0);
    cr_assert_eq(give(), 0);
    sched_join(&s, 0, 4, 4, 2); /* a repeat of the first Hello, sent before the jobs came */
    cr_assert_eq(sched_credit(&s), 2);
}

Test(sched, test_sched_undo_returns_the_credit_once)
{
    sched_join(&s, 0, 2, 2, 0);
    cr_assert_eq(give(), 0);
    sched_undo(&s, 0);
    cr_assert_eq(sched_credit(&s), 2);
    sched_undo(&s, 0); /* nothing is assigned */
    cr_assert_eq(sched_credit(&s), 2);
}

Test(sched, test_sched_gives_no_more_than_is_free)
{
    uint16_t seats[16];
    sched_join(&s, 0, 4, 3, 0);
    sched_join(&s, 1, 4, 2, 0);
    cr_assert_eq(sched_reserve(&s, 16, seats), 5);
    cr_assert_eq(sched_reserve(&s, 16, seats), 0);
    cr_assert_eq(sched_reserved(&s, 0), 3);
    cr_assert_eq(sched_reserved(&s, 1), 2);
}

Test(sched, test_sched_spreads_equal_workers_in_turn)
{
    for (unsigned i = 0; i < 4; i++) {
        sched_join(&s, i, 2, 2, 0);
    }
    static const unsigned EXPECTED[] = {0, 1, 2, 3, 0, 1, 2, 3, SCHED_SEATS_MAX};
    for (size_t i = 0; i < sizeof EXPECTED / sizeof EXPECTED[0]; i++) {
        cr_assert_eq(give(), EXPECTED[i]);
    }
}

Test(sched, test_sched_among_equals_the_one_chosen_longest_ago_is_next)
{
    sched_join(&s, 0, 1, 1, 0);
    sched_join(&s, 1, 1, 1, 0);
    cr_assert_eq(give(), 0);
    sched_offer(&s, 0, 2); /* it is done already and free again */
    cr_assert_eq(give(), 1);
    cr_assert_eq(give(), 0);
}

Test(sched, test_sched_chooses_the_largest_free_share_not_the_largest_number)
{
    sched_join(&s, 0, 100, 40, 0); /* 40 % free */
    sched_join(&s, 1, 4, 3, 0);    /* 75 % free */
    cr_assert_eq(give(), 1);       /* 50 % now */
    cr_assert_eq(give(), 1);       /* 25 % now */
    cr_assert_eq(give(), 0);
}

/* ---- against a plain model: scan all seats, the same rules, no heap */

static uint32_t model_free(const struct sched_seat *seat)
{
    if (!seat->open || seat->granted < seat->assigned) {
        return 0;
    }
    const uint64_t offered = seat->granted - seat->assigned;
    const uint64_t held = offered < seat->slots ? offered : seat->slots;
    return held > seat->reserved ? (uint32_t)held - seat->reserved : 0;
}

static bool better(const struct sched_seat *a, const struct sched_seat *b)
{
    const uint64_t share_a = (uint64_t)model_free(a) * b->slots;
    const uint64_t share_b = (uint64_t)model_free(b) * a->slots;
    return share_a != share_b ? share_a > share_b : a->picked < b->picked;
}

static unsigned model_best(unsigned seats)
{
    unsigned best = SCHED_SEATS_MAX;
    for (unsigned i = 0; i < seats; i++) {
        if (model_free(&s.seats[i]) > 0 &&
            (best == SCHED_SEATS_MAX || better(&s.seats[i], &s.seats[best]))) {
            best = i;
        }
    }
    return best;
}

static uint64_t model_credit(unsigned seats)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < seats; i++) {
        sum += model_free(&s.seats[i]);
    }
    return sum;
}

enum { MODEL_SEATS = 24, PROMISES_MAX = 64 };

struct steps {
    uint16_t promised[PROMISES_MAX];
    size_t count;
};

static void step_reserve(struct steps *t)
{
    const unsigned expected = model_best(MODEL_SEATS);
    uint16_t seat;
    if (t->count == PROMISES_MAX) {
        return;
    }
    if (sched_reserve(&s, 1, &seat) == 0) {
        cr_assert_eq(expected, SCHED_SEATS_MAX);
        return;
    }
    cr_assert_eq(seat, expected);
    t->promised[t->count++] = seat;
}

static void step_settle(struct steps *t, unsigned r)
{
    if (t->count > 0) {
        const size_t at = r % t->count;
        if (r % 3 == 0) {
            sched_give_back(&s, t->promised[at]);
        } else {
            sched_assign(&s, t->promised[at]);
        }
        t->promised[at] = t->promised[--t->count];
    }
}

static void step_worker(unsigned kind, unsigned r)
{
    const unsigned seat = r % MODEL_SEATS;
    const uint32_t slots = 1 + (r >> 8) % 9;
    switch (kind) {
    case 0:
        sched_join(&s, seat, slots, (r >> 16) % (slots + 1), (r >> 20) % 2);
        break;
    case 1:
        sched_close(&s, seat);
        break;
    case 2:
        sched_reopen(&s, seat);
        break;
    case 3:
        sched_undo(&s, seat);
        break;
    default:
        sched_offer(&s, seat, s.seats[seat].granted + r % 3);
        break;
    }
}

static void run_against_the_model(unsigned seed)
{
    struct steps t = {.count = 0};
    srand(seed);
    sched_init(&s);
    for (int i = 0; i < 20000; i++) {
        const unsigned r = (unsigned)rand();
        const unsigned kind = (unsigned)rand() % 16;
        if (kind < 5) {
            step_reserve(&t);
        } else if (kind < 8) {
            step_settle(&t, r);
        } else {
            step_worker(kind - 8, r);
        }
        cr_assert_eq(sched_credit(&s), model_credit(MODEL_SEATS), "seed %u step %d", seed, i);
    }
}

Test(sched, test_sched_random_steps_agree_with_a_plain_scan)
{
    for (unsigned seed = 1; seed <= 10; seed++) {
        run_against_the_model(seed);
    }
}

Test(sched, test_sched_full_house_hands_out_every_slot_exactly_once)
{
    unsigned got[SCHED_SEATS_MAX] = {0};
    for (unsigned i = 0; i < SCHED_SEATS_MAX; i++) {
        sched_join(&s, i, 1 + i % 7, 1 + i % 7, 0);
    }
    for (unsigned seat = give(); seat != SCHED_SEATS_MAX; seat = give()) {
        got[seat]++;
    }
    for (unsigned i = 0; i < SCHED_SEATS_MAX; i++) {
        cr_assert_eq(got[i], 1 + i % 7);
    }
}
