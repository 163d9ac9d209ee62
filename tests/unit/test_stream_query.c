// links: base core
#include "core/stream_query.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ID_A "00123456789abcdefghjkmnpqra"
#define ID_B "00123456789abcdefghjkmnpqrb"
#define LONG_TEXT                                                                                  \
    "123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"   \
    "123456789012345678901234567890123456789"

static struct query q;
static struct stream_query wanted;
static char refusal[STREAM_QUERY_REFUSAL_SIZE];

static enum err read_query(const char *text)
{
    cr_assert_eq(query_parse(span_of(text), &q), ERR_OK, "%s", text);
    return stream_query_read(&q, &wanted, refusal);
}

static enum err read_ids(unsigned count)
{
    static char text[QUERY_BYTES_MAX + 1];
    size_t len = 0;
    for (unsigned i = count; i > 0; i--) {
        len += (size_t)snprintf(text + len, sizeof text - len, "jobId=%027u&", i);
    }
    text[len] = '\0';
    return read_query(text);
}

Test(stream_query, test_read_when_wrong_then_the_refusal_names_the_parameter)
{
    static const char *const bad[][2] = {
        {"jobId=", "jobId"},
        {"jobId=abc", "jobId"},
        {"jobId=" ID_A "0", "jobId"},
        {"jobId=" ID_A "&jobId=" ID_A, "jobId"},
        {"jobId=" ID_A "&userId=u", "jobId"},
        {"userId=", "userId"},
        {"userId=a&userId=a", "userId"},
        {"userId=" LONG_TEXT, "userId"},
        {"named=2", "named"},
        {"named=", "named"},
        {"named=1&named=1", "named"},
        {"lastEventId=1&lastEventId=2", "lastEventId"},
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        cr_assert_eq(read_query(bad[i][0]), ERR_INVALID, "%s", bad[i][0]);
        cr_assert_not_null(strstr(refusal, bad[i][1]), "%s: %s", bad[i][0], refusal);
    }
}

Test(stream_query, test_read_when_200_ids_then_sorted_and_one_more_is_refused)
{
    cr_assert_eq(read_ids(STREAM_JOBS_MAX + 1), ERR_INVALID);
    cr_assert_not_null(strstr(refusal, "200"));
    cr_assert_eq(read_ids(STREAM_JOBS_MAX), ERR_OK);
    cr_assert_eq(wanted.jobs_count, STREAM_JOBS_MAX);
    for (size_t i = 1; i < wanted.jobs_count; i++) {
        cr_assert_lt(strcmp(wanted.jobs[i - 1].job_id, wanted.jobs[i].job_id), 0);
        cr_assert_eq(wanted.jobs[i].version, 0);
    }
}

Test(stream_query, test_read_when_good_then_all_is_there)
{
    cr_assert_eq(read_query(""), ERR_OK);
    cr_assert_eq(wanted.jobs_count, 0);
    cr_assert_not(wanted.named_only);
    cr_assert_eq(read_query("jobId=" ID_B "&named=1&jobId=" ID_A "&lastEventId=x&ticket=t"),
                 ERR_OK);
    cr_assert_str_eq(wanted.jobs[0].job_id, ID_A);
    cr_assert_str_eq(wanted.jobs[1].job_id, ID_B);
    cr_assert(wanted.named_only);
    cr_assert(span_eq(wanted.last_event_id, SPAN("x")));
    cr_assert_eq(read_query("userId=u1&named=0&_=1&_=2&JobId=" ID_A), ERR_OK);
    cr_assert_eq(wanted.jobs_count, 0);
    cr_assert(span_eq(wanted.user_id, SPAN("u1")));
}
