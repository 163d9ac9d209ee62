// links: base
#include "base/map.h"

#include "base/siphash.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { KEYS = 5000 };

static int values[KEYS];
static char texts[KEYS][16];
static struct map *map;

static struct span key(size_t i)
{
    const int len = snprintf(texts[i], sizeof texts[i], "key-%zu", i);
    return (struct span){texts[i], (size_t)len};
}

static void start(void)
{
    cr_assert_eq(map_new(KEYS, &map), ERR_OK);
}

static void stop(void)
{
    map_destroy(&map);
    cr_expect_null(map);
}

TestSuite(map, .init = start, .fini = stop);

static void fill(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(map_put(map, key(i), &values[i]), ERR_OK);
    }
}

Test(map, test_get_when_absent_then_null)
{
    cr_expect_null(map_get(map, SPAN("a")));
    cr_expect_null(map_get(map, (struct span){NULL, 0}));
    cr_expect_null(map_remove(map, SPAN("a")));
}

Test(map, test_put_when_key_is_there_then_exists_and_value_stays)
{
    cr_expect_eq(map_put(map, SPAN("a"), &values[0]), ERR_OK);
    cr_expect_eq(map_put(map, SPAN("a"), &values[1]), ERR_EXISTS);
    cr_expect_eq(map_get(map, SPAN("a")), &values[0]);
    cr_expect_eq(map_count(map), 1);
}

Test(map, test_put_when_at_the_maximum_then_full_until_one_goes)
{
    map_destroy(&map);
    cr_assert_eq(map_new(2, &map), ERR_OK);
    fill(2);
    cr_expect_eq(map_put(map, SPAN("c"), &values[2]), ERR_FULL);
    cr_expect_eq(map_put(map, key(1), &values[2]), ERR_EXISTS, "that is said first");
    cr_expect_eq(map_remove(map, key(0)), &values[0]);
    cr_expect_eq(map_put(map, SPAN("c"), &values[2]), ERR_OK);
}

Test(map, test_put_when_keys_hold_any_bytes_then_all_are_kept_apart)
{
    cr_expect_eq(map_put(map, SPAN("a\0b"), &values[0]), ERR_OK);
    cr_expect_eq(map_put(map, SPAN("a\0c"), &values[1]), ERR_OK);
    cr_expect_eq(map_put(map, SPAN("a"), &values[2]), ERR_OK);
    cr_expect_eq(map_put(map, (struct span){NULL, 0}, &values[3]), ERR_OK);
    cr_expect_eq(map_get(map, SPAN("a\0b")), &values[0]);
    cr_expect_eq(map_get(map, SPAN("a\0c")), &values[1]);
    cr_expect_eq(map_get(map, SPAN("a")), &values[2]);
    cr_expect_eq(map_get(map, SPAN("")), &values[3]);
}

Test(map, test_put_when_the_callers_key_changes_then_the_copy_does_not)
{
    char text[] = "abc";
    cr_expect_eq(map_put(map, span_of(text), &values[0]), ERR_OK);
    text[0] = 'x';
    cr_expect_eq(map_get(map, SPAN("abc")), &values[0]);
    cr_expect_null(map_get(map, SPAN("xbc")));
}

Test(map, test_get_when_thousands_then_each_has_its_value)
{
    fill(KEYS);
    cr_expect_eq(map_count(map), KEYS);
    for (size_t i = 0; i < KEYS; i++) {
        cr_assert_eq(map_get(map, key(i)), &values[i]);
    }
    cr_expect_eq(map_put(map, SPAN("more"), &values[0]), ERR_FULL);
}

Test(map, test_remove_when_others_collide_then_they_are_still_found)
{
    fill(KEYS);
    for (size_t i = 0; i < KEYS; i += 2) {
        cr_assert_eq(map_remove(map, key(i)), &values[i]);
    }
    for (size_t i = 0; i < KEYS; i++) {
        cr_assert_eq(map_get(map, key(i)), i % 2 == 0 ? NULL : &values[i]);
    }
    cr_expect_eq(map_count(map), KEYS / 2);
}

Test(map, test_put_when_entries_come_and_go_for_long_then_slots_do_not_run_out)
{
    for (size_t i = 0; i < 100000; i++) {
        cr_assert_eq(map_put(map, key(i % KEYS), &values[i % KEYS]), ERR_OK);
        if (i >= 10) {
            cr_assert_eq(map_remove(map, key((i - 10) % KEYS)), &values[(i - 10) % KEYS]);
        }
    }
    cr_expect_eq(map_count(map), 10);
}

Test(map, test_next_when_empty_then_null)
{
    size_t cursor = 0;
    cr_expect_null(map_next(map, &cursor, NULL));
}

Test(map, test_next_when_walked_then_every_entry_once)
{
    fill(100);
    static int seen[KEYS];
    size_t cursor = 0;
    struct span k;
    for (int *v; (v = map_next(map, &cursor, &k)) != NULL;) {
        cr_assert_eq(map_get(map, k), v);
        seen[v - values]++;
    }
    for (size_t i = 0; i < 100; i++) {
        cr_assert_eq(seen[i], 1);
    }
}

Test(map, test_next_when_the_entry_just_seen_is_removed_then_no_other_is_missed)
{
    fill(1000);
    size_t cursor = 0;
    size_t count = 0;
    struct span k;
    while (map_next(map, &cursor, &k) != NULL) {
        count++;
        if (count % 3 != 0) {
            char name[16] = "";
            cr_assert_eq(span_copy(k, name, sizeof name), ERR_OK);
            cr_assert_not_null(map_remove(map, span_of(name)));
        }
    }
    cr_expect_eq(count, 1000);
    cr_expect_eq(map_count(map), 333);
}

/* Expected values from CPython 3.11, whose hash(bytes) is SipHash-1-3 with a zero key under
 * PYTHONHASHSEED=0. */
Test(siphash, test_hash_when_key_is_zero_then_as_other_implementations_say)
{
    const struct siphash_key zero = {0, 0};
    char bytes[64];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (char)i;
    }
    cr_expect_eq(siphash(&zero, SPAN("a")), 0x407448d2b89b1813U);
    cr_expect_eq(siphash(&zero, SPAN("abcdefg")), 0x6db12aae9070f506U);
    cr_expect_eq(siphash(&zero, SPAN("abcdefgh")), 0x3f7b849c0b8e35eaU);
    cr_expect_eq(siphash(&zero, SPAN("01hxyzabcdefghjkmnpqrstvw12")), 0x8d040d973787f6dcU);
    cr_expect_eq(siphash(&zero, (struct span){bytes, sizeof bytes}), 0x75e05fd5bbc870c6U);
}

Test(siphash, test_hash_when_key_differs_then_hash_differs)
{
    const struct siphash_key one = {1, 0};
    const struct siphash_key other = {0, 1};
    cr_expect_neq(siphash(&one, SPAN("a")), siphash(&other, SPAN("a")));
    cr_expect_neq(siphash(&one, SPAN("")), siphash(&other, SPAN("")));
}
