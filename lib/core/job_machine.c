#include "core/job_machine.h"

#include <assert.h>

enum {
    STEP = EFFECT_VERSION | EFFECT_LOG,
    REQUEUE = STEP | EFFECT_CLEAR_ATTEMPT,
    ENDED = STEP | EFFECT_NO_ETA,
};

static const struct job_rule rules[JOB_STATUS_COUNT][JOB_EVENT_COUNT] =
    {
        [JOB_QUEUED] =
            {
                [EVENT_CLAIM] = {true, JOB_RUNNING, STEP | EFFECT_FENCE, PLACE_LEASE},
                [EVENT_CANCEL] = {true, JOB_CANCELED, STEP, PLACE_EXPIRY},
            },
        [JOB_RUNNING] =
            {
                [EVENT_RENEW] = {true, JOB_RUNNING, 0, PLACE_LEASE},
                [EVENT_REPORT] = {true, JOB_RUNNING, EFFECT_VERSION | EFFECT_METER, PLACE_SAME},
                [EVENT_MARK] = {true, JOB_RUNNING, EFFECT_CANCEL_MARK, PLACE_SAME},
                [EVENT_COMPLETE] = {true, JOB_COMPLETED, ENDED | EFFECT_ARTIFACT, PLACE_EXPIRY},
                [EVENT_FAIL] = {true, JOB_FAILED, ENDED | EFFECT_CHARGE | EFFECT_ERROR,
                                PLACE_EXPIRY},
                [EVENT_AGAIN] = {true, JOB_QUEUED, REQUEUE | EFFECT_CHARGE, PLACE_DELAYED},
                [EVENT_RETURN] = {true, JOB_QUEUED, REQUEUE, PLACE_READY_OLD},
                [EVENT_LOSE] = {true, JOB_QUEUED, REQUEUE | EFFECT_CRASH, PLACE_READY_OLD},
                [EVENT_GIVE_UP] = {true, JOB_FAILED, ENDED | EFFECT_CRASH | EFFECT_ERROR,
                                   PLACE_EXPIRY},
                [EVENT_ABANDON] = {true, JOB_CANCELED, ENDED, PLACE_EXPIRY},
            },
        [JOB_COMPLETED] =
            {
                [EVENT_REMOVE] = {true, JOB_COMPLETED, EFFECT_DROP, PLACE_NOWHERE},
            },
        [JOB_FAILED] =
            {
                [EVENT_RETRY] = {true, JOB_QUEUED, REQUEUE | EFFECT_CLEAR_JOB, PLACE_READY_FRESH},
                [EVENT_REMOVE] = {true, JOB_FAILED, EFFECT_DROP, PLACE_NOWHERE},
            },
        [JOB_CANCELED] =
            {
                [EVENT_RETRY] = {true, JOB_QUEUED, REQUEUE | EFFECT_CLEAR_JOB, PLACE_READY_FRESH},
                [EVENT_REMOVE] = {true, JOB_CANCELED, EFFECT_DROP, PLACE_NOWHERE},
            },
};

const struct job_rule *job_machine_rule(enum job_status status, enum job_event event)
{
    assert(status < JOB_STATUS_COUNT && event < JOB_EVENT_COUNT);
    return &rules[status][event];
}

static enum job_event failed_event(bool retryable, const struct job_facts *facts)
{
    return retryable && facts->attempts + 1 < facts->max_attempts ? EVENT_AGAIN : EVENT_FAIL;
}

/* A hand-over that never reached a worker is nobody's crash. */
static enum job_event lost_event(const struct job_facts *facts)
{
    if (!facts->lease_seen) {
        return EVENT_RETURN;
    }
    return facts->crashes + 1 < JOB_CRASHES_MAX ? EVENT_LOSE : EVENT_GIVE_UP;
}

enum job_event job_machine_end(enum job_end end, const struct job_facts *facts)
{
    if (facts->cancel_wanted) {
        return EVENT_ABANDON;
    }
    switch (end) {
    case END_COMPLETED:
        return EVENT_COMPLETE;
    case END_FAILED:
        return failed_event(facts->retryable, facts);
    case END_RELEASED:
        return EVENT_RETURN;
    case END_LOST:
        return lost_event(facts);
    case END_CANCELED:
    case JOB_END_COUNT:
        break;
    }
    return EVENT_ABANDON;
}

enum job_event job_machine_reap(const struct job_facts *facts)
{
    if (facts->cancel_wanted) {
        return EVENT_ABANDON;
    }
    return facts->deadline_passed ? failed_event(true, facts) : lost_event(facts);
}

char job_status_letter(enum job_status s)
{
    static const char letters[JOB_STATUS_COUNT] = {'q', 'r', 'c', 'f', 'x'};
    assert(s < JOB_STATUS_COUNT);
    return letters[s];
}
