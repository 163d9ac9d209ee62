// links: base core
#include "core/stream_cursor.h"

#include "base/base32.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define SINCE "00123456789zzzzzzzzzzzzzzzz"

/* Versions around each border of a group of bits. */
static const uint64_t versions[] = {
    0, 1, 15, 16, 17, 255, 256, 4095, 4096, UINT64_C(1) << 32, UINT64_MAX - 1, UINT64_MAX};

static void fill(struct stream_entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(entries[i].job_id, sizeof entries[i].job_id, "001m8g%021zu", i * 7);
        entries[i].version = versions[i % COUNT(versions)];
    }
}

static struct span write_list(const struct stream_entry *entries, size_t count, struct buf *out)
{
    buf_reset(out);
    stream_cursor_write_list(entries, count, out);
    cr_assert_eq(buf_error(out), ERR_OK);
    return buf_as_span(out);
}

static struct buf text;

static void setup(void)
{
    buf_init(&text, STREAM_CURSOR_MAX);
}

static void teardown(void)
{
    buf_clear(&text);
}

TestSuite(stream_cursor, .init = setup, .fini = teardown);

Test(stream_cursor, test_read_list_when_the_text_is_not_of_these_ids_then_all_versions_are_0)
{
    struct stream_entry entries[3], other[3];
    fill(entries, 3);
    memcpy(other, entries, sizeof other);
    other[1].job_id[JOB_ID_LEN - 1] = 'z';
    const struct span good = write_list(entries, 3, &text);
    cr_assert_not(stream_cursor_read_list(good, other, 3));
    cr_assert_not(stream_cursor_read_list(good, other, 2));
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(other[i].version, 0);
    }
    static const char *const bad[] = {"",   "1",           "2",  "10000000",
                                      "17", "10000000000", "\n", "1uuuuuuu000"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        cr_assert_not(stream_cursor_read_list(span_of(bad[i]), entries, 3), "%s", bad[i]);
    }
}

Test(stream_cursor, test_read_list_when_cut_or_longer_then_false)
{
    struct stream_entry entries[5];
    char longer[256];
    fill(entries, 5);
    const struct span good = write_list(entries, 5, &text);
    for (size_t len = 0; len < good.len; len++) {
        cr_assert_not(stream_cursor_read_list((struct span){good.ptr, len}, entries, 5), "%zu",
                      len);
    }
    (void)snprintf(longer, sizeof longer, "%.*s0", SPAN_ARG(good));
    cr_assert_not(stream_cursor_read_list(span_of(longer), entries, 5));
}

/* "g" is 16: a group of nothing that says more follow. */
Test(stream_cursor, test_read_list_when_a_version_is_written_in_another_way_then_false)
{
    struct stream_entry entries[1];
    char other[64];
    fill(entries, 1);
    entries[0].version = 1;
    const struct span good = write_list(entries, 1, &text);
    (void)snprintf(other, sizeof other, "%.*sh0", (int)good.len - 1, good.ptr);
    cr_assert_not(stream_cursor_read_list(span_of(other), entries, 1));
    (void)snprintf(other, sizeof other, "%.*s%.*s1", (int)good.len - 1, good.ptr, 20,
                   "gggggggggggggggggggggggg");
    cr_assert_not(stream_cursor_read_list(span_of(other), entries, 1));
}

Test(stream_cursor, test_list_when_written_then_read_back)
{
    struct stream_entry entries[STREAM_JOBS_MAX], back[STREAM_JOBS_MAX];
    for (size_t count = 1; count <= STREAM_JOBS_MAX; count++) {
        fill(entries, count);
        const struct span good = write_list(entries, count, &text);
        memcpy(back, entries, sizeof back);
        for (size_t i = 0; i < count; i++) {
            back[i].version = 77;
        }
        cr_assert(stream_cursor_read_list(good, back, count));
        for (size_t i = 0; i < count; i++) {
            cr_assert_eq(back[i].version, entries[i].version);
        }
    }
}

static struct stream_user_cursor c, back;

static struct span write_user(size_t count)
{
    buf_reset(&text);
    memcpy(c.since, SINCE, sizeof c.since);
    c.count = count;
    fill(c.entries, count);
    stream_cursor_write_user(SPAN("u1"), &c, &text);
    cr_assert_eq(buf_error(&text), ERR_OK);
    return buf_as_span(&text);
}

Test(stream_cursor, test_user_when_written_then_read_back)
{
    for (size_t count = 0; count <= STREAM_JOBS_MAX; count++) {
        const struct span good = write_user(count);
        cr_assert(stream_cursor_read_user(SPAN("u1"), good, &back));
        cr_assert_str_eq(back.since, SINCE);
        cr_assert_eq(back.count, count);
        for (size_t i = 0; i < count; i++) {
            cr_assert_str_eq(back.entries[i].job_id, c.entries[i].job_id);
            cr_assert_eq(back.entries[i].version, c.entries[i].version);
        }
    }
}

Test(stream_cursor, test_read_user_when_of_another_user_or_broken_then_false)
{
    const struct span good = write_user(3);
    cr_assert_not(stream_cursor_read_user(SPAN("u2"), good, &back));
    cr_assert_not(stream_cursor_read_user(SPAN(""), good, &back));
    char changed[512];
    for (size_t at = 0; at < good.len; at++) {
        memcpy(changed, good.ptr, good.len);
        changed[at] = 'u'; /* not in the alphabet */
        cr_assert_not(stream_cursor_read_user(SPAN("u1"), (struct span){changed, good.len}, &back),
                      "%zu", at);
    }
    static char huge[STREAM_CURSOR_MAX + 1];
    memset(huge, '2', sizeof huge);
    cr_assert_not(stream_cursor_read_user(SPAN("u1"), (struct span){huge, sizeof huge}, &back));
}

Test(stream_cursor, test_read_user_when_ids_are_not_sorted_or_too_many_then_false)
{
    buf_reset(&text);
    memcpy(c.since, SINCE, sizeof c.since);
    fill(c.entries, 3);
    c.count = 3;
    memcpy(c.entries[2].job_id, c.entries[1].job_id, sizeof c.entries[2].job_id);
    stream_cursor_write_user(SPAN("u1"), &c, &text);
    cr_assert_not(stream_cursor_read_user(SPAN("u1"), buf_as_span(&text), &back));
    struct buf large;
    buf_init(&large, 2 * STREAM_CURSOR_MAX);
    (void)write_user(STREAM_JOBS_MAX);
    (void)buf_append(&large, text.data, text.len);
    char id[JOB_ID_SIZE];
    (void)snprintf(id, sizeof id, "001m8g%021d", 999999);
    const size_t shared = (size_t)base32_value(text.data[1 + 7 + JOB_ID_LEN]);
    (void)buf_append(&large, id + shared, JOB_ID_LEN - shared);
    (void)buf_char(&large, '1');
    cr_assert_not(stream_cursor_read_user(SPAN("u1"), buf_as_span(&large), &back));
    buf_clear(&large);
}
