/* Report: what this broker sees, for operators: its workers and what became of its jobs.
 *
 * Everything is in memory already, so an answer costs no call to Redis. The counts are of what this
 * broker recorded since it began; what all brokers say adds up to what happened, but for what those
 * counted that have ended since. */
#ifndef LONGHAUL_BROKER_REPORT_H
#define LONGHAUL_BROKER_REPORT_H

#include "broker/broker.h"

enum {
    REPORT_WORKER_JOBS_MAX = 64, /* job ids told of one worker; `running` counts all */
    REPORT_STEPS_MINUTES = 5,    /* how far back durations are told */
};

struct report;

MUST_CHECK enum err report_new(struct broker *b, struct report **out);
void report_destroy(struct report **r);

/* Answers a Survey. */
void report_survey(struct broker *b, struct peer *peer, const struct wire_message *m);

/* ---- what is counted, after Redis recorded it */
void report_accepted(struct broker *b);
void report_canceled(struct broker *b);
/* An attempt came to its end with `status` as its job's. `began_ms`: when it did; 0: not known. */
void report_completed(struct broker *b, int64_t began_ms);
void report_failure(struct broker *b, struct span code, enum job_status status);
/* Redis ended or requeued an attempt by itself: the record says with which code. */
void report_reaped(struct broker *b, struct span job_id, enum job_status status);

#endif
