/* Stub broker: a broker played by a test, for one worker. A real ROUTER and real packets.
 *
 * What the worker says is kept in order until the test asks for it by kind. Unless the test
 * silences it, it answers as a broker does: each heartbeat, and once it has welcomed the worker,
 * each later Hello too. (On a busy machine a Welcome may come too late: the worker has gone and
 * comes again.) */
#ifndef LONGHAUL_SUPPORT_STUB_BROKER_H
#define LONGHAUL_SUPPORT_STUB_BROKER_H

#include "wire/wire.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    STUB_BOX_MAX = 4096,
    STUB_PEER_MAX = 256,
    STUB_TEXT_MAX = 2048,
    STUB_NAMED_MAX = 64,      /* running attempts kept of one message */
    STUB_PATIENCE_MS = 20000, /* only a broken program makes anyone wait that long */
};

struct said {
    struct wire_message m; /* its spans and arrays point into this struct */
    size_t text_len;
    char text[STUB_TEXT_MAX];
    struct attempt named[STUB_NAMED_MAX];
};

struct stub_broker {
    void *context, *socket;
    struct wire_reader *reader;
    struct said *box[STUB_BOX_MAX];
    size_t count;
    struct said *last; /* handed out */
    size_t peer_len;
    unsigned char peer[STUB_PEER_MAX];
    bool silent, draining;
    bool welcoming; /* it has said Welcome before */
};

void stub_broker_open(struct stub_broker *b, const char *endpoint);
void stub_broker_close(struct stub_broker *b);

/* Takes in what has come, waiting up to `timeout_ms` for something. */
void stub_listen(struct stub_broker *b, int timeout_ms);
/* The oldest message of this kind; NULL when the time is over. It lives until the next call. */
const struct wire_message *stub_hear(struct stub_broker *b, enum wire_kind kind, int timeout_ms);
const struct wire_message *stub_expect(struct stub_broker *b, enum wire_kind kind); /* or fails */
void stub_forget(struct stub_broker *b, enum wire_kind kind); /* those that came so far */
void stub_send(struct stub_broker *b, const struct wire_message *m);

void stub_say_welcome(struct stub_broker *b);
/* Waits for Hello, says Welcome. The Hello is handed out. */
const struct wire_message *stub_welcome(struct stub_broker *b);
void stub_assign(struct stub_broker *b, const struct attempt *a, const struct job_spec *spec,
                 uint32_t timeout_ms, uint32_t failures);
void stub_ack(struct stub_broker *b, const struct attempt *a, enum ack_code code);
void stub_abort(struct stub_broker *b, const struct attempt *a, enum abort_reason reason);

#endif
