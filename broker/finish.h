/* Finish: one end of an attempt, with its own copy of what the worker said. */
#ifndef LONGHAUL_BROKER_FINISH_H
#define LONGHAUL_BROKER_FINISH_H

#include "broker/attempts.h"
#include "broker/peers.h"
#include "ports/records.h"
#include "wire/wire.h"

enum {
    FINISH_TEXT_MAX =
        JOB_ARTIFACT_KEY_MAX + JOB_FILE_NAME_MAX + JOB_CONTENT_TYPE_MAX + JOB_CODE_MAX,
};

struct finish {
    struct list link;        /* in queue or later; unlinked while in flight */
    struct running *running; /* NULL: not kept here */
    struct peer_ref from;    /* to be acknowledged; nobody for the broker's own */
    uint64_t request_id;
    bool own; /* the broker's verdict, not a worker's Result */
    bool in_flight;
    struct record_finish item; /* its spans point into text */
    size_t text_len;
    char text[FINISH_TEXT_MAX];
};

/* Everything but the text, which need not be wiped. */
void finish_init(struct finish *x, const struct attempt *attempt, enum record_end end,
                 struct running *r);
void finish_copy(struct finish *x, const struct wire_result *result);
enum record_end finish_end(enum outcome outcome);

#endif
