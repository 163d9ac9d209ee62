#include "gateway/command_rules.h"

#define REFUSE(code)                                                                               \
    {                                                                                              \
        .answer = ANSWER_PROBLEM, .problem = PROBLEM_##code                                        \
    }

static const struct command_rule command_rules[COMMAND_KIND_COUNT][COMMAND_CODE_COUNT] = {
    [COMMAND_CANCEL] =
        {
            [COMMAND_DONE] = {.answer = ANSWER_STATUS_OBJECT, .status = 200},
            [COMMAND_UNDERWAY] = {.answer = ANSWER_STATUS_OBJECT, .status = 202},
            [COMMAND_ALREADY] = {.answer = ANSWER_STATUS_OBJECT, .status = 200},
            [COMMAND_TERMINAL] = REFUSE(ALREADY_TERMINAL),
            [COMMAND_ACTIVE] = REFUSE(INTERNAL),
            [COMMAND_COMPLETED] = REFUSE(ALREADY_TERMINAL),
            [COMMAND_LIMIT] = REFUSE(INTERNAL),
            [COMMAND_GONE] = REFUSE(JOB_NOT_FOUND),
            [COMMAND_QUOTA] = REFUSE(INTERNAL),
            [COMMAND_UNAVAILABLE] = REFUSE(UNAVAILABLE),
            [COMMAND_QUEUE_FULL] = REFUSE(INTERNAL),
        },
    [COMMAND_RETRY] =
        {
            [COMMAND_DONE] = {.answer = ANSWER_QUEUED, .status = 202},
            [COMMAND_UNDERWAY] = REFUSE(INTERNAL),
            [COMMAND_ALREADY] = REFUSE(INTERNAL),
            [COMMAND_TERMINAL] = REFUSE(NOT_RETRYABLE),
            [COMMAND_ACTIVE] = REFUSE(NOT_RETRYABLE),
            [COMMAND_COMPLETED] = REFUSE(NOT_RETRYABLE),
            [COMMAND_LIMIT] = REFUSE(RETRY_LIMIT),
            [COMMAND_GONE] = REFUSE(JOB_NOT_FOUND),
            [COMMAND_QUOTA] = REFUSE(QUOTA_EXCEEDED),
            [COMMAND_UNAVAILABLE] = REFUSE(UNAVAILABLE),
            [COMMAND_QUEUE_FULL] = REFUSE(QUEUE_FULL),
        },
    [COMMAND_REMOVE] =
        {
            [COMMAND_DONE] = {.answer = ANSWER_NOTHING, .status = 204},
            [COMMAND_UNDERWAY] = REFUSE(INTERNAL),
            [COMMAND_ALREADY] = REFUSE(INTERNAL),
            [COMMAND_TERMINAL] = REFUSE(INTERNAL),
            [COMMAND_ACTIVE] = REFUSE(JOB_ACTIVE),
            [COMMAND_COMPLETED] = REFUSE(INTERNAL),
            [COMMAND_LIMIT] = REFUSE(INTERNAL),
            [COMMAND_GONE] = REFUSE(JOB_NOT_FOUND),
            [COMMAND_QUOTA] = REFUSE(INTERNAL),
            [COMMAND_UNAVAILABLE] = REFUSE(UNAVAILABLE),
            [COMMAND_QUEUE_FULL] = REFUSE(INTERNAL),
        },
};

const struct command_rule *command_rule_of(enum command_kind kind, enum command_code code)
{
    return &command_rules[kind][code];
}
