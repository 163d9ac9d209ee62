/* Job machine: what each event does to a job, as data.
 *
 *   status \ event     becomes      what goes with it
 *   ------------------------------------------------------------------------------------------
 *   queued    CLAIM    running      fence + 1, a lease
 *             CANCEL   canceled     leaves the queue
 *   running   RENEW    running      the lease is longer
 *             REPORT   running      meter written, version + 1, no transition
 *             MARK     running      cancel mark; nothing else: the attempt's end makes it canceled
 *             COMPLETE completed    artifact named
 *             FAIL     failed       charged, error named
 *             AGAIN    queued       charged, waits for its retry
 *             RETURN   queued       at its old place, nothing charged
 *             LOSE     queued       at its old place, a crash charged
 *             GIVE_UP  failed       a crash charged, WORKER_LOST
 *             ABANDON  canceled
 *   failed    RETRY    queued       counters and error cleared
 *   canceled  RETRY    queued       the same
 *   completed, failed, canceled     REMOVE: the record goes
 *
 * Everything else is refused. Which event an attempt's end is, depends on what is known of the job:
 * job_machine_end and job_machine_reap. ports/functions/ is the same machine in Redis;
 * tests/model runs both side by side. Pure: no time, no I/O. */
#ifndef LONGHAUL_CORE_JOB_MACHINE_H
#define LONGHAUL_CORE_JOB_MACHINE_H

#include "core/job.h"

#include <stdbool.h>
#include <stdint.h>

enum job_event {
    EVENT_CLAIM,
    EVENT_RENEW,
    EVENT_REPORT,
    EVENT_MARK,
    EVENT_COMPLETE,
    EVENT_FAIL,
    EVENT_AGAIN,
    EVENT_RETURN,
    EVENT_LOSE,
    EVENT_GIVE_UP,
    EVENT_ABANDON,
    EVENT_CANCEL,
    EVENT_RETRY,
    EVENT_REMOVE,
    JOB_EVENT_COUNT
};

/* How an attempt ended, as its worker or its broker says. */
enum job_end { END_COMPLETED, END_FAILED, END_RELEASED, END_CANCELED, END_LOST, JOB_END_COUNT };

enum job_effect {
    EFFECT_VERSION = 1 << 0,       /* version + 1 */
    EFFECT_LOG = 1 << 1,           /* an entry of the log: a transition */
    EFFECT_FENCE = 1 << 2,         /* fence + 1 */
    EFFECT_CHARGE = 1 << 3,        /* attempts + 1, failures + 1 */
    EFFECT_CRASH = 1 << 4,         /* crashes + 1 */
    EFFECT_METER = 1 << 5,         /* the meter is written */
    EFFECT_CLEAR_ATTEMPT = 1 << 6, /* meter, keeper, deadline and place of the attempt go */
    EFFECT_CLEAR_JOB = 1 << 7,     /* error, cancel mark, attempts and crashes go; retries + 1 */
    EFFECT_ERROR = 1 << 8,         /* the error is named */
    EFFECT_ARTIFACT = 1 << 9,      /* the artifact is named */
    EFFECT_CANCEL_MARK = 1 << 10,
    EFFECT_DROP = 1 << 11,   /* the record goes, its artifact is to be deleted */
    EFFECT_NO_ETA = 1 << 12, /* at an end: there is nothing to wait for any more */
};

/* Where the job is kept afterwards. */
enum job_place {
    PLACE_SAME,
    PLACE_LEASE,
    PLACE_READY_FRESH, /* behind what its user has waiting */
    PLACE_READY_OLD,   /* where it was before it was claimed */
    PLACE_DELAYED,     /* ready (fresh) if the delay is 0 */
    PLACE_EXPIRY,
    PLACE_NOWHERE,
};

struct job_rule {
    bool allowed;
    enum job_status next;
    unsigned effects; /* enum job_effect, or-ed */
    enum job_place place;
};

/* What the choice of an event needs to know about a running job. */
struct job_facts {
    bool cancel_wanted;
    bool retryable;  /* of the failure */
    bool lease_seen; /* the worker has reported at least once */
    bool deadline_passed;
    uint32_t attempts, max_attempts, crashes;
};

const struct job_rule *job_machine_rule(enum job_status status, enum job_event event);

/* The cancel mark wins over every end. */
enum job_event job_machine_end(enum job_end end, const struct job_facts *facts);
/* A lease that ran out: canceled if marked, a timeout if the deadline has passed, else a crash. */
enum job_event job_machine_reap(const struct job_facts *facts);

char job_status_letter(enum job_status s); /* of the log: q r c f x */

#endif
