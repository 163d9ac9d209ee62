/* Wire: packets between programs <-> C structs. The one module that knows the frame's layout.
 *
 * Writing: a `wire_packet` collects envelopes for one peer until it is sent; it is bounded by
 * WIRE_PACKET_MAX and WIRE_ITEMS_MAX, and `wire_add` says ERR_FULL when the packet must leave
 * first.
 *
 * Reading: `wire_read` checks the size, unpacks into a capped arena, validates every field of every
 * envelope, and calls back once for each valid one. Spans in a message point into the arena and
 * live until the next wire_read of the same reader. One bad envelope makes the whole packet
 * ERR_INVALID and nothing of it is delivered: a peer that sends one is broken or hostile.
 *
 * Threads: a packet and a reader belong to one thread. Source of the layout: proto/longhaul.proto.
 */
#ifndef LONGHAUL_WIRE_WIRE_H
#define LONGHAUL_WIRE_WIRE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "core/job.h"
#include "core/tally.h"

#include <stddef.h>
#include <stdint.h>

enum {
    WIRE_PROTOCOL = 1,
    WIRE_PACKET_MAX = 262144, /* bytes of one frame; ZMQ_MAXMSGSIZE is set to it */
    WIRE_ITEMS_MAX = 256,     /* envelopes in a packet */
    WIRE_ARENA_MAX = 2097152, /* bytes that unpacking one packet may take */
    WIRE_RUNNING_MAX =
        1024, /* attempts named by one Hello or Heartbeat: the most slots of a worker */
    WIRE_TRACE_SIZE = 24,
    WIRE_HASH_SIZE = 32,
    WIRE_PRIORITY_MAX = 9,
    WIRE_SIMULATE_MS_MAX = 300000,
    WIRE_VERSION_MAX = 32,          /* bytes of a program's version */
    WIRE_REPORT_WORKERS_MAX = 1024, /* what a broker has seats for */
    /* Job ids of one Report, over all workers: with everything else at its limit it fits a packet.
     */
    WIRE_REPORT_JOBS_MAX = 2048,
};

/* Topics of events: a job's id; or this prefix and a user, for what makes jobs of theirs active. No
 * id begins with it. */
#define WIRE_USER_TOPIC "u:"

/* Fences and byte counts: what Redis' functions and JSON numbers carry exactly (2^53 - 1). One
 * number beyond it would have a whole batch refused there, so it is refused here. */
#define WIRE_NUMBER_MAX JOB_FILE_ID_MAX

enum wire_kind {
    WIRE_SUBMIT,
    WIRE_COMMAND,
    WIRE_PING,
    WIRE_SURVEY,
    WIRE_DRAIN_WORKER,
    WIRE_SUBMIT_REPLY,
    WIRE_COMMAND_REPLY,
    WIRE_PONG,
    WIRE_REPORT,
    WIRE_DRAIN_REPLY,
    WIRE_HELLO,
    WIRE_OFFER,
    WIRE_HEARTBEAT,
    WIRE_PROGRESS,
    WIRE_RESULT,
    WIRE_DISCARDED,
    WIRE_WELCOME,
    WIRE_ASSIGN,
    WIRE_ACK,
    WIRE_ABORT,
    WIRE_DISCARD,
    WIRE_BROKER_ALIVE,
    WIRE_DRAIN,
    WIRE_EVENT,
    WIRE_KIND_COUNT
};

enum submit_code {
    SUBMIT_ACCEPTED,
    SUBMIT_REPLAYED,
    SUBMIT_CONFLICT,
    SUBMIT_QUOTA,
    SUBMIT_QUEUE_FULL,
    SUBMIT_UNAVAILABLE,
    SUBMIT_CODE_COUNT
};
enum command_kind { COMMAND_CANCEL, COMMAND_RETRY, COMMAND_REMOVE, COMMAND_KIND_COUNT };
enum command_code {
    COMMAND_DONE,
    COMMAND_UNDERWAY,
    COMMAND_ALREADY,
    COMMAND_TERMINAL,
    COMMAND_ACTIVE,
    COMMAND_COMPLETED,
    COMMAND_LIMIT,
    COMMAND_GONE,
    COMMAND_QUOTA,
    COMMAND_UNAVAILABLE,
    COMMAND_QUEUE_FULL,
    COMMAND_CODE_COUNT
};
enum outcome {
    OUTCOME_COMPLETED,
    OUTCOME_FAILED,
    OUTCOME_RELEASED,
    OUTCOME_CANCELED,
    OUTCOME_COUNT
};
enum ack_code { ACK_RECORDED, ACK_STALE, ACK_CANCELED, ACK_CODE_COUNT };
enum abort_reason { ABORT_CANCELED, ABORT_STALE, ABORT_REASON_COUNT };
enum event_kind { EVENT_SUBSCRIBED, EVENT_PROGRESS, EVENT_TRANSITION, EVENT_KIND_COUNT };

struct wire_submit {
    struct span job_id;
    struct span user_id; /* empty: none */
    uint64_t file_id;
    uint32_t priority, delay_ms, timeout_ms, max_attempts;
    struct span spec;              /* a packed JobSpec */
    struct span idempotency_owner; /* whose key it is; empty: user_id's */
    struct span idempotency_hash;  /* WIRE_HASH_SIZE bytes or empty */
    struct span fingerprint;       /* WIRE_HASH_SIZE bytes with a key, else empty */
};
struct wire_submit_reply {
    enum submit_code code;
    struct span job_id;
};
struct wire_command {
    enum command_kind kind;
    struct span job_id;
    uint64_t command_id; /* the same when it is sent again; 0: none */
    /* That the asker knows; a newer one would have its whole packet dropped. Set when sent; of a
     * gateway that does not say it: COMMAND_UNAVAILABLE. */
    enum command_code newest_code;
};
struct wire_command_reply {
    enum command_code code;
};
struct wire_pong {
    struct span broker_id;
    uint32_t credit;
    bool ready;
};
/* Texts are arrays, so that they end in NUL and can be kept. */
struct wire_worker {
    char id[JOB_WORKER_ID_MAX + 1];
    char version[WIRE_VERSION_MAX + 1]; /* empty: not told */
    uint32_t slots, free, running, seen_ms;
    bool connected, stopping, drained;
    const char (*jobs)[JOB_ID_SIZE]; /* array of jobs_count */
    size_t jobs_count;
};
struct wire_report {
    struct span broker_id;
    uint64_t uptime_ms;
    uint32_t credit;
    bool ready, draining;
    struct tally_counts totals;
    int64_t minute;                             /* since the epoch: which one minutes[0] is */
    struct tally_counts minutes[TALLY_MINUTES]; /* newest first */
    struct tally_code codes[JOB_ERROR_COUNT];   /* [JOB_ERROR_NONE]: not on the list */
    uint32_t steps[TALLY_STEPS];
    const struct wire_worker *workers; /* array of workers_count */
    size_t workers_count;
};
struct wire_drain_worker {
    struct span worker_id;
    bool on;
};
struct wire_drain_reply {
    bool known;
};
struct wire_hello {
    struct span worker_id;
    uint64_t incarnation;
    uint32_t slots;
    uint64_t granted_total;
    const struct attempt *running; /* array of running_count */
    size_t running_count;
    struct span version; /* empty: not told */
    bool drained;
};
struct wire_offer {
    uint64_t granted_total;
};
struct wire_heartbeat {
    const struct attempt *running;
    size_t running_count;
    bool draining;
    bool drained;
};
struct wire_progress {
    struct attempt attempt;
    struct meter meter;
};
struct wire_result {
    struct attempt attempt;
    enum outcome outcome;
    struct artifact artifact; /* OUTCOME_COMPLETED */
    struct failure failure;   /* OUTCOME_FAILED */
};
struct wire_key {
    struct span key;
}; /* discard, discarded */
struct wire_welcome {
    struct span broker_id;
};
struct wire_assign {
    struct attempt attempt;
    uint64_t file_id;
    struct span spec;
    uint32_t timeout_ms;
    uint32_t failures;
};
struct wire_ack {
    struct attempt attempt;
    enum ack_code code;
};
struct wire_abort {
    struct attempt attempt;
    enum abort_reason reason;
};
struct wire_broker_alive {
    bool draining;
};
struct wire_drain {
    bool on;
};
struct wire_event {
    struct span job_id; /* 1 … JOB_ID_LEN bytes; none in EVENT_SUBSCRIBED of a user's topic */
    enum event_kind kind;
    enum job_status status;
    uint64_t version, transition;
    int64_t updated_at_s;
    struct meter meter; /* EVENT_PROGRESS */
    struct span broker_id;
    struct span user_id; /* on a user's topic; else empty */
};

struct wire_message {
    uint64_t request_id;  /* 0: no answer wanted */
    struct span trace;    /* WIRE_TRACE_SIZE bytes or empty */
    uint32_t deadline_ms; /* 0: none */
    enum wire_kind kind;
    union {
        struct wire_submit submit;
        struct wire_command command;
        struct wire_submit_reply submit_reply;
        struct wire_command_reply command_reply;
        struct wire_pong pong;
        const struct wire_report *report; /* large, so borrowed; never NULL */
        struct wire_drain_worker drain_worker;
        struct wire_drain_reply drain_reply;
        struct wire_hello hello;
        struct wire_offer offer;
        struct wire_heartbeat heartbeat;
        struct wire_progress progress;
        struct wire_result result;
        struct wire_key key;
        struct wire_welcome welcome;
        struct wire_assign assign;
        struct wire_ack ack;
        struct wire_abort abort;
        struct wire_broker_alive broker_alive;
        struct wire_drain drain;
        struct wire_event event;
    };
};

/* ---- writing */

struct wire_packet {
    struct buf bytes; /* the packed Packet so far */
    size_t items;
};
void wire_packet_init(struct wire_packet *p);
void wire_packet_clear(struct wire_packet *p);
void wire_packet_reset(struct wire_packet *p); /* empty again, memory kept */
/* Packs one envelope at the end. ERR_FULL: send the packet, reset it, add again (never for an empty
 * packet unless the message alone is over the limit: then ERR_TOO_LARGE). ERR_INVALID: a reader
 * would refuse the message, so it is not added. ERR_NOMEM. */
MUST_CHECK enum err wire_add(struct wire_packet *p, const struct wire_message *m);
struct span wire_packet_bytes(const struct wire_packet *p);

/* ---- reading */

struct wire_reader;
MUST_CHECK enum err wire_reader_new(struct wire_reader **out);
void wire_reader_destroy(struct wire_reader **r);
typedef void wire_on_message(void *context, const struct wire_message *m);
/* ERR_TOO_LARGE, ERR_INVALID, ERR_NOMEM: nothing was delivered. `what` may be NULL; otherwise it is
 * set to constant text that says what was wrong. */
MUST_CHECK enum err wire_read(struct wire_reader *r, struct span frame, wire_on_message *deliver,
                              void *context, const char **what);

/* ---- the job's spec, which travels and is stored as bytes */

/* ERR_TOO_LARGE over JOB_SPEC_MAX. Appends to `out`. */
MUST_CHECK enum err wire_spec_pack(const struct job_spec *spec, struct buf *out);
/* Spans and file ids of `out` live until the next wire_read or wire_spec_unpack of the reader. */
MUST_CHECK enum err wire_spec_unpack(struct wire_reader *r, struct span bytes,
                                     struct job_spec *out);

#endif
