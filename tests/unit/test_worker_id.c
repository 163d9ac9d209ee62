// links: base core
#include "core/job.h"
#include "core/worker_id.h"

#include <criterion/criterion.h>
#include <string.h>

Test(worker_id, test_valid_when_it_would_need_an_escape_somewhere_then_no)
{
    static const char *const bad[] = {
        "",    ".",     "..", ".w", "w/1",  "%77",       "w%2F1",  "w 1",  "w:1", "w;1",
        "w\n", "w\x7f", "w?", "w#", "w\\1", "w\xc3\xa9", "w@host", "w[1]", "w`1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_assert_not(worker_id_valid(span_of(bad[i])), "%s", bad[i]);
    }
    cr_assert_not(worker_id_valid((struct span){"w\0001", 3}));
}

Test(worker_id, test_valid_when_as_long_as_it_may_be_then_yes_and_one_more_no)
{
    char id[JOB_WORKER_ID_MAX + 2];
    memset(id, 'w', sizeof id);
    cr_assert(worker_id_valid((struct span){id, JOB_WORKER_ID_MAX}));
    cr_assert_not(worker_id_valid((struct span){id, JOB_WORKER_ID_MAX + 1}));
}

Test(worker_id, test_valid_when_of_letters_digits_and_three_marks_then_yes)
{
    cr_assert(worker_id_valid(SPAN("worker-1")));
    cr_assert(worker_id_valid(SPAN("Z_9.eu-west.example.com")));
    cr_assert(worker_id_valid(SPAN("-")));
}
