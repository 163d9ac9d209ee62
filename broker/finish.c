#include "broker/finish.h"

#include <string.h>

_Static_assert((int)FINISH_TEXT_MAX >= (int)JOB_CODE_MAX + (int)JOB_MESSAGE_MAX,
               "a failure fits as well");

void finish_init(struct finish *x, const struct attempt *attempt, enum record_end end,
                 struct running *r)
{
    memset(x, 0, offsetof(struct finish, text));
    list_init(&x->link);
    x->item.attempt = *attempt;
    x->item.end = end;
    x->running = r;
}

static struct span keep(struct finish *x, struct span s)
{
    const size_t room = FINISH_TEXT_MAX - x->text_len;
    const size_t len = s.len < room ? s.len : room; /* wire/ has checked: it fits */
    char *at = x->text + x->text_len;
    if (len > 0) {
        memcpy(at, s.ptr, len);
    }
    x->text_len += len;
    return (struct span){at, len};
}

void finish_copy(struct finish *x, const struct wire_result *result)
{
    struct record_finish *item = &x->item;
    if (result->outcome == OUTCOME_COMPLETED) {
        item->artifact = result->artifact;
        item->artifact.key = keep(x, result->artifact.key);
        item->artifact.file_name = keep(x, result->artifact.file_name);
        item->artifact.content_type = keep(x, result->artifact.content_type);
    } else if (result->outcome == OUTCOME_FAILED) {
        item->failure = result->failure;
        item->failure.code = keep(x, result->failure.code);
        item->failure.message = keep(x, result->failure.message);
    }
}

enum record_end finish_end(enum outcome outcome)
{
    static const enum record_end ENDS[OUTCOME_COUNT] = {
        [OUTCOME_COMPLETED] = RECORD_END_COMPLETED,
        [OUTCOME_FAILED] = RECORD_END_FAILED,
        [OUTCOME_RELEASED] = RECORD_END_RELEASED,
        [OUTCOME_CANCELED] = RECORD_END_CANCELED,
    };
    return ENDS[outcome];
}
