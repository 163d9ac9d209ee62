/* Wire encode: a message as protobuf-c's tree, on the caller's stack. */
#ifndef LONGHAUL_WIRE_ENCODE_H
#define LONGHAUL_WIRE_ENCODE_H

#include "wire/wire.h"

#include "longhaul.pb-c.h"

enum {
    /* The most text that one message holds: a Result with key, file name and content type. */
    WIRE_TEXTS_MAX = JOB_ARTIFACT_KEY_MAX + JOB_FILE_NAME_MAX + JOB_CONTENT_TYPE_MAX +
                     JOB_MESSAGE_MAX + JOB_CODE_MAX + 64,
};

/* The attempts of a Hello or Heartbeat: large, so only those have it on their stack. */
struct wire_running {
    Longhaul__V1__Attempt items[WIRE_RUNNING_MAX];
    Longhaul__V1__Attempt *pointers[WIRE_RUNNING_MAX];
};

/* What a Report points at: likewise. */
struct wire_report_tree {
    Longhaul__V1__Counts totals, minutes[TALLY_MINUTES];
    Longhaul__V1__Counts *minute_pointers[TALLY_MINUTES];
    Longhaul__V1__CodeCount codes[JOB_ERROR_COUNT];
    Longhaul__V1__CodeCount *code_pointers[JOB_ERROR_COUNT];
    Longhaul__V1__WorkerReport workers[WIRE_REPORT_WORKERS_MAX];
    Longhaul__V1__WorkerReport *worker_pointers[WIRE_REPORT_WORKERS_MAX];
    char *jobs[WIRE_REPORT_JOBS_MAX];
};

/* Everything an Envelope points at. */
struct wire_tree {
    Longhaul__V1__Envelope envelope;
    union {
        Longhaul__V1__Submit submit;
        Longhaul__V1__JobCommand command;
        Longhaul__V1__Ping ping;
        Longhaul__V1__SubmitReply submit_reply;
        Longhaul__V1__CommandReply command_reply;
        Longhaul__V1__Pong pong;
        Longhaul__V1__Survey survey;
        Longhaul__V1__Report report;
        Longhaul__V1__DrainWorker drain_worker;
        Longhaul__V1__DrainReply drain_reply;
        Longhaul__V1__Hello hello;
        Longhaul__V1__Offer offer;
        Longhaul__V1__Heartbeat heartbeat;
        Longhaul__V1__Progress progress;
        Longhaul__V1__Result result;
        Longhaul__V1__Discarded discarded;
        Longhaul__V1__Welcome welcome;
        Longhaul__V1__Assign assign;
        Longhaul__V1__Ack ack;
        Longhaul__V1__Abort abort;
        Longhaul__V1__Discard discard;
        Longhaul__V1__BrokerAlive broker_alive;
        Longhaul__V1__Drain drain;
        Longhaul__V1__Event event;
    } body;
    Longhaul__V1__Attempt attempt;
    Longhaul__V1__Meter meter;
    Longhaul__V1__Artifact artifact;
    Longhaul__V1__Failure failure;
    struct wire_running *running;    /* borrowed; only for messages that wire_has_running */
    struct wire_report_tree *report; /* borrowed; only for WIRE_REPORT */
    size_t texts_used;
    char texts[WIRE_TEXTS_MAX]; /* protobuf-c wants strings that end in NUL */
};

bool wire_has_running(const struct wire_message *m);

/* `m` has passed wire_check. The tree borrows from `m`, which must outlive it. tree->running and
 * tree->report are the caller's to set, for the messages that need them. */
void wire_encode(const struct wire_message *m, struct wire_tree *tree);

/* A copy that ends in NUL and lives as long as the tree. */
char *wire_encode_text(struct wire_tree *t, struct span s);
/* wire_encode_report.c */
void wire_encode_report(const struct wire_message *m, struct wire_tree *tree);

#endif
