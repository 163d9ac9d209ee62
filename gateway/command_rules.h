/* Command rules: what a broker's answer to a user's command means. */
#ifndef LONGHAUL_GATEWAY_COMMAND_RULES_H
#define LONGHAUL_GATEWAY_COMMAND_RULES_H

#include "core/problem.h"
#include "wire/wire.h"

enum command_answer {
    ANSWER_PROBLEM = 0,
    ANSWER_STATUS_OBJECT, /* read the record, reply with it */
    ANSWER_QUEUED,        /* {jobId, status: queued} */
    ANSWER_NOTHING,       /* no body */
};

struct command_rule {
    enum command_answer answer;
    int status;
    enum problem_code problem;
};

/* What cannot be is INTERNAL. Never NULL. */
const struct command_rule *command_rule_of(enum command_kind kind, enum command_code code);

#endif
