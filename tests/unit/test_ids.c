// links: base
#include "base/ids.h"

#include <criterion/criterion.h>
#include <string.h>

Test(ids, test_valid_when_length_is_wrong_then_false)
{
    cr_expect_not(job_id_valid(SPAN("")));
    cr_expect_not(job_id_valid((struct span){NULL, 0}));
    cr_expect_not(job_id_valid(SPAN("00000000000000000000000000")));
    cr_expect_not(job_id_valid(SPAN("0000000000000000000000000000")));
}

Test(ids, test_valid_when_a_character_is_foreign_then_false)
{
    char id[JOB_ID_SIZE] = "000000000000000000000000000";
    cr_assert(job_id_valid((struct span){id, JOB_ID_LEN}));
    for (int c = -128; c < 128; c++) {
        id[13] = (char)c;
        const bool known = c != 0 && strchr("0123456789abcdefghjkmnpqrstvwxyz", c) != NULL;
        cr_expect_eq(job_id_valid((struct span){id, JOB_ID_LEN}), known, "character %d", c);
    }
}

Test(ids, test_new_when_any_shard_then_valid_and_shard_is_read_back)
{
    struct id_source source;
    id_source_init(&source);
    for (unsigned shard = 0; shard <= SHARD_MAX; shard++) {
        char id[JOB_ID_SIZE];
        job_id_new(&source, shard, 1764000000000, id);
        cr_assert_eq(strlen(id), JOB_ID_LEN);
        cr_assert(job_id_valid(span_of(id)));
        cr_assert_eq(job_id_shard(span_of(id)), shard);
    }
}

Test(ids, test_new_when_later_then_sorts_after)
{
    struct id_source source;
    id_source_init(&source);
    char before[JOB_ID_SIZE];
    char after[JOB_ID_SIZE];
    job_id_new(&source, 3, 1764000000000, before);
    job_id_new(&source, 3, 1764000000001, after);
    cr_expect_lt(strcmp(before, after), 0);
    job_id_new(&source, 3, (INT64_C(1) << 45) - 1, after);
    cr_expect_lt(strcmp(before, after), 0);
    cr_expect_eq(strncmp(after, "03zzzzzzzzz", 11), 0);
}

Test(ids, test_new_when_same_moment_then_different_in_every_part_of_the_random_bits)
{
    struct id_source source;
    id_source_init(&source);
    char first[JOB_ID_SIZE];
    char seen[JOB_ID_LEN] = {0};
    job_id_new(&source, 0, 0, first);
    for (int i = 0; i < 1000; i++) {
        char id[JOB_ID_SIZE];
        job_id_new(&source, 0, 0, id);
        cr_assert_neq(strcmp(id, first), 0);
        for (int j = 0; j < JOB_ID_LEN; j++) {
            seen[j] = (char)(seen[j] | (id[j] != first[j]));
        }
    }
    for (int j = 0; j < JOB_ID_LEN; j++) {
        cr_expect_eq(seen[j], j >= 11, "position %d", j);
    }
}

Test(ids, test_source_when_bytes_were_given_out_then_they_are_wiped)
{
    struct id_source source;
    id_source_init(&source);
    (void)id_source_u64(&source);
    for (size_t i = 0; i < source.used; i++) {
        cr_expect_eq(source.pool[i], 0);
    }
    cr_expect_eq(source.used, sizeof(uint64_t));
}

Test(ids, test_source_when_the_pool_runs_out_then_filled_again)
{
    struct id_source source;
    id_source_init(&source);
    unsigned char bytes[IDS_POOL_SIZE];
    uint64_t sum = 0;
    for (int i = 0; i < 10; i++) {
        memset(bytes, 0, sizeof bytes);
        id_source_bytes(&source, bytes, sizeof bytes);
        id_source_bytes(&source, bytes, 7);
        sum |= id_source_u64(&source);
        size_t zeros = 0;
        for (size_t j = 0; j < sizeof bytes; j++) {
            zeros += bytes[j] == 0;
        }
        cr_assert_lt(zeros, 100, "8 are to be expected of 2048");
    }
    cr_expect_neq(sum, 0);
}

Test(ids, test_hex_when_bytes_then_lower_case)
{
    char out[9] = "xxxxxxxx";
    hex_encode("\x00\x0f\xa5\xff", 4, out);
    cr_expect_str_eq(out, "000fa5ff");
    hex_encode(NULL, 0, out);
    cr_expect_str_eq(out, "");
}

Test(ids, test_floor_when_compared_then_after_older_ids_and_not_after_younger_ones)
{
    struct id_source source;
    id_source_init(&source);
    char floor[JOB_ID_SIZE], older[JOB_ID_SIZE], younger[JOB_ID_SIZE];
    for (int64_t ms = 1764000000000; ms < 1764000000100; ms++) {
        job_id_floor(3, ms, floor);
        job_id_new(&source, 3, ms - 1, older);
        job_id_new(&source, 3, ms, younger);
        cr_assert(job_id_valid(span_of(floor)));
        cr_assert_lt(strcmp(older, floor), 0);
        cr_assert_leq(strcmp(floor, younger), 0);
        cr_assert_eq(job_id_wall_ms(span_of(younger)), ms);
        cr_assert_eq(job_id_shard(span_of(floor)), 3);
    }
}
