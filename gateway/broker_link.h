/* Broker link: how one loop asks brokers.
 *
 * One DEALER for each broker. Every broker is pinged each second and counts as usable while it has
 * said "ready" within BROKER_SILENT_MS. What a turn of the loop has to say to a broker is collected
 * in one packet and leaves at the end of the turn.
 *
 * A call is answered, or repeated: after CALL_REPEAT_MS without an answer, or when its broker goes
 * silent, it goes to the next usable broker. Every call is safe to repeat (proto/longhaul.proto).
 * After CALL_DEADLINE_MS it fails with ERR_TIMEOUT.
 *
 * Owner: the loop; all on its thread. */
#ifndef LONGHAUL_GATEWAY_BROKER_LINK_H
#define LONGHAUL_GATEWAY_BROKER_LINK_H

#include "base/list.h"
#include "base/log_limit.h"
#include "base/metrics.h"
#include "gateway/options.h"
#include "gateway/zmq_port.h"
#include "wire/wire.h"

enum {
    CALLS_MAX = 16384,     /* a loop's calls in flight; more answer ERR_FULL */
    CALLS_RESERVED = 2048, /* of these, not for submits: a rush of new work leaves room to cancel */
    CALL_REPEAT_MS = 1600,
    CALL_DEADLINE_MS = 3 * CALL_REPEAT_MS, /* looked at when a repeat is due */
    PING_EVERY_MS = 1000,
    BROKER_SILENT_MS = 3000,
};

struct broker_call;
/* `answer` is NULL unless err is ERR_OK, and lives during the callback. ERR_TIMEOUT: nobody
 * answered, outcome unknown. Runs exactly once, unless the call is canceled. */
typedef void broker_on_answer(struct broker_call *call, enum err err,
                              const struct wire_message *answer);

/* Caller's storage; what `message` points to must live as long as the call. */
struct broker_call {
    struct wire_message message;
    broker_on_answer *done;
    struct broker_link *link; /* NULL: not in flight */
    struct list by_age;       /* oldest sending first */
    int64_t started_ms, sent_ms;
    unsigned sends;
    size_t broker; /* BROKERS_MAX: none was usable when it was to be repeated */
};

struct broker {
    struct broker_link *link;
    struct zmq_port port;
    struct wire_packet packet;
    int64_t ponged_ms; /* the last Pong; 0: none */
    bool ready;
    uint32_t credit; /* free slots it told of, less what was sent there since */
    bool was_usable;
};

struct broker_link {
    h2o_context_t *context;
    struct metrics *counters;
    struct wire_reader *reader; /* borrowed */
    struct broker brokers[BROKERS_MAX];
    size_t brokers_count;
    struct broker_call **slots; /* CALLS_MAX; request id = generation and slot */
    uint32_t *free_slots;
    size_t free_count;
    uint64_t generation;
    struct list waiting; /* calls in flight */
    struct list rounds;  /* see broker_round.h */
    uint64_t round_ids;
    h2o_timeout_entry_t flush;
    size_t turn;    /* of the round robin */
    size_t current; /* this turn's broker; BROKERS_MAX: none chosen yet */
    int64_t now_ms, pinged_ms;
    struct log_limit bad_packets;
};

struct broker_link_config {
    h2o_context_t *context;
    h2o_timeout_t *soon;
    void *zmq;
    const struct text_list *endpoints;
    struct metrics *counters;
    struct wire_reader *reader;
};

MUST_CHECK enum err broker_link_open(struct broker_link *link,
                                     const struct broker_link_config *config);
void broker_link_close(struct broker_link *link); /* calls in flight are forgotten */

/* Sends call->message and remembers it. ERR_UNAVAILABLE: no broker is usable. ERR_FULL. */
MUST_CHECK enum err broker_call_start(struct broker_link *link, struct broker_call *call);
void broker_call_cancel(struct broker_call *call); /* nothing happens if it is not in flight */

/* Every 100 ms or so: pings, repeats, gives up. */
void broker_link_tick(struct broker_link *link, int64_t now_ms);
bool broker_link_usable(const struct broker_link *link);

#endif
