// links: base core
#include "core/job_machine.h"

#include <criterion/criterion.h>

static bool is_terminal(enum job_status s)
{
    return s == JOB_COMPLETED || s == JOB_FAILED || s == JOB_CANCELED;
}

Test(job_machine, test_completed_when_any_event_comes_then_only_removal_is_allowed)
{
    for (int e = 0; e < JOB_EVENT_COUNT; e++) {
        const bool allowed = job_machine_rule(JOB_COMPLETED, (enum job_event)e)->allowed;
        cr_assert_eq(allowed, e == EVENT_REMOVE, "event %d", e);
    }
}

Test(job_machine, test_terminal_when_it_becomes_active_then_only_by_retry)
{
    for (int s = JOB_COMPLETED; s < JOB_STATUS_COUNT; s++) {
        for (int e = 0; e < JOB_EVENT_COUNT; e++) {
            const struct job_rule *r = job_machine_rule((enum job_status)s, (enum job_event)e);
            if (r->allowed && !is_terminal(r->next)) {
                cr_assert_eq(e, EVENT_RETRY);
            }
        }
    }
}

Test(job_machine, test_rule_when_status_changes_then_it_is_logged_once_with_a_version)
{
    for (int s = 0; s < JOB_STATUS_COUNT; s++) {
        for (int e = 0; e < JOB_EVENT_COUNT; e++) {
            const struct job_rule *r = job_machine_rule((enum job_status)s, (enum job_event)e);
            if (!r->allowed || (r->effects & EFFECT_DROP) != 0) {
                continue;
            }
            cr_assert_eq((r->effects & EFFECT_LOG) != 0, r->next != (enum job_status)s, "%d %d", s,
                         e);
            if ((r->effects & EFFECT_LOG) != 0) {
                cr_assert((r->effects & EFFECT_VERSION) != 0);
            }
        }
    }
}

Test(job_machine, test_rule_when_it_ends_in_a_status_then_the_place_is_that_statuss)
{
    for (int s = 0; s < JOB_STATUS_COUNT; s++) {
        for (int e = 0; e < JOB_EVENT_COUNT; e++) {
            const struct job_rule *r = job_machine_rule((enum job_status)s, (enum job_event)e);
            if (r->allowed && (r->effects & EFFECT_LOG) != 0) {
                cr_assert_eq(is_terminal(r->next), r->place == PLACE_EXPIRY, "%d %d", s, e);
                cr_assert_eq(r->next == JOB_RUNNING, r->place == PLACE_LEASE, "%d %d", s, e);
            }
        }
    }
}

Test(job_machine, test_end_when_cancel_was_first_then_it_is_always_abandoned)
{
    const struct job_facts facts = {.cancel_wanted = true,
                                    .retryable = true,
                                    .lease_seen = true,
                                    .deadline_passed = true,
                                    .max_attempts = 3};
    for (int end = 0; end < JOB_END_COUNT; end++) {
        cr_assert_eq(job_machine_end((enum job_end)end, &facts), EVENT_ABANDON);
    }
    cr_assert_eq(job_machine_reap(&facts), EVENT_ABANDON);
}

Test(job_machine, test_end_failed_when_attempts_are_used_up_or_it_cannot_help_then_final)
{
    struct job_facts facts = {.retryable = true, .attempts = 2, .max_attempts = 3};
    cr_assert_eq(job_machine_end(END_FAILED, &facts), EVENT_FAIL);
    facts.attempts = 1;
    cr_assert_eq(job_machine_end(END_FAILED, &facts), EVENT_AGAIN);
    facts.retryable = false;
    cr_assert_eq(job_machine_end(END_FAILED, &facts), EVENT_FAIL);
}

Test(job_machine, test_end_lost_when_the_worker_never_reported_then_nothing_is_charged)
{
    struct job_facts facts = {.crashes = 2, .max_attempts = 3};
    cr_assert_eq(job_machine_end(END_LOST, &facts), EVENT_RETURN);
    cr_assert_eq(job_machine_reap(&facts), EVENT_RETURN);
    facts.lease_seen = true;
    cr_assert_eq(job_machine_end(END_LOST, &facts), EVENT_GIVE_UP);
    facts.crashes = 1;
    cr_assert_eq(job_machine_reap(&facts), EVENT_LOSE);
}

Test(job_machine, test_reap_when_the_deadline_has_passed_then_a_charged_failure)
{
    struct job_facts facts = {.deadline_passed = true, .lease_seen = true, .max_attempts = 1};
    cr_assert_eq(job_machine_reap(&facts), EVENT_FAIL);
    facts.max_attempts = 2;
    cr_assert_eq(job_machine_reap(&facts), EVENT_AGAIN);
}

Test(job_machine, test_status_letter_when_asked_then_as_in_the_log)
{
    cr_assert_eq(job_status_letter(JOB_QUEUED), 'q');
    cr_assert_eq(job_status_letter(JOB_CANCELED), 'x');
}
