// links: base core
#include "core/job_list.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ID "00123456789abcdefghjkmnpqrs"

static struct query q;
static struct job_list_query wanted;
static char refusal[JOB_LIST_REFUSAL_SIZE];

static enum err read_query(const char *text)
{
    cr_assert_eq(query_parse(span_of(text), &q), ERR_OK, "%s", text);
    return job_list_read(&q, &wanted, refusal);
}

Test(job_list, test_read_when_a_parameter_is_wrong_then_the_refusal_begins_with_its_name)
{
    static const char *const bad[][2] = {
        {"limit=0", "limit"},
        {"limit=201", "limit"},
        {"limit=", "limit"},
        {"limit=+1", "limit"},
        {"limit=01", "limit"},
        {"limit=18446744073709551617", "limit"},
        {"limit=1&limit=2", "limit"},
        {"status=", "status"},
        {"status=,", "status"},
        {"status=queued,", "status"},
        {"status=,queued", "status"},
        {"status=QUEUED", "status"},
        {"status=a&status=b", "status"},
        {"status=failed,failed", "status"},
        {"userId=", "userId"},
        {"userId=a&userId=b", "userId"},
        {"cursor=", "cursor"},
        {"cursor=" ID, "cursor"},
        {"cursor=1&cursor=2", "cursor"},
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        cr_assert_eq(read_query(bad[i][0]), ERR_INVALID, "%s", bad[i][0]);
        cr_assert_eq(strncmp(refusal, bad[i][1], strlen(bad[i][1])), 0, "%s: %s", bad[i][0],
                     refusal);
    }
}

Test(job_list, test_read_when_a_name_is_not_known_then_it_is_skipped)
{
    cr_assert_eq(read_query("_=17&utm_source=x&limit=7&_=18&=3&userid=a"), ERR_OK);
    cr_assert_eq(wanted.limit, 7);
    cr_assert_eq(wanted.user_id.len, 0);
}

Test(job_list, test_read_when_nothing_is_asked_then_defaults)
{
    cr_assert_eq(read_query(""), ERR_OK);
    cr_assert_eq(wanted.limit, JOB_LIST_LIMIT_DEFAULT);
    cr_assert_eq(wanted.user_id.len, 0);
    cr_assert_eq(wanted.statuses.len, 0);
    cr_assert_eq(wanted.after[0], '\0');
}

Test(job_list, test_read_when_all_is_asked_then_all_is_there)
{
    char text[256];
    struct buf cursor;
    buf_init(&cursor, 64);
    job_list_cursor_write(SPAN(ID), &cursor);
    (void)snprintf(text, sizeof text,
                   "userId=u%%20%%C3%%A9&status=failed,running&limit=200&cursor=%.*s",
                   (int)cursor.len, cursor.data);
    buf_clear(&cursor);
    cr_assert_eq(read_query(text), ERR_OK, "%s", refusal);
    cr_assert(span_eq(wanted.user_id, SPAN("u \xC3\xA9")));
    cr_assert(span_eq(wanted.statuses, SPAN("failed,running")));
    cr_assert_eq(wanted.limit, 200);
    cr_assert_str_eq(wanted.after, ID);
}

Test(job_list, test_cursor_when_any_one_character_is_changed_then_invalid)
{
    static const char alphabet[] = "0123456789abcdefghijklmnopqrstuvwxyzABCXYZ-_=+/ ";
    char out[JOB_ID_SIZE], text[64];
    struct buf cursor;
    buf_init(&cursor, sizeof text);
    job_list_cursor_write(SPAN(ID), &cursor);
    cr_assert_eq(job_list_cursor_read(buf_as_span(&cursor), out), ERR_OK);
    for (size_t at = 0; at < cursor.len; at++) {
        for (size_t c = 0; c < sizeof alphabet; c++) {
            memcpy(text, cursor.data, cursor.len);
            text[at] = alphabet[c];
            const bool same = text[at] == cursor.data[at];
            cr_assert_eq(job_list_cursor_read((struct span){text, cursor.len}, out) == ERR_OK,
                         same);
        }
    }
    for (size_t len = 0; len < cursor.len; len++) {
        cr_assert_eq(job_list_cursor_read((struct span){cursor.data, len}, out), ERR_INVALID);
    }
    buf_clear(&cursor);
}
