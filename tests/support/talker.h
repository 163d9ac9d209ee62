/* Talker: one end of the fabric, played by a test: a scripted gateway, worker or subscriber.
 *
 * Real sockets and real packets through lib/wire. Nothing here sleeps: a test waits for the message
 * that it expects, with a deadline, and what came before it stays in order in the box. */
#ifndef LONGHAUL_SUPPORT_TALKER_H
#define LONGHAUL_SUPPORT_TALKER_H

#include "wire/wire.h"

#include <stdbool.h>
#include <stdint.h>

enum { TALKER_BOX_MAX = 8192, TALKER_TEXT_MAX = 1024 };

struct heard {
    struct wire_message m; /* its spans point into text */
    size_t text_len;
    char text[TALKER_TEXT_MAX];
    struct wire_report *report; /* what a WIRE_REPORT points at, with its own workers */
    struct wire_worker *workers;
};

struct talker {
    void *context, *socket; /* a context of its own, so that closing it is a connection that dies */
    struct wire_packet out;
    struct wire_reader *reader;
    struct heard **box; /* ring of TALKER_BOX_MAX */
    struct heard *last; /* handed out */
    size_t first, count;
    uint64_t next_request;
};

void talker_open(struct talker *t, const char *endpoint);      /* DEALER */
void talker_subscribe(struct talker *t, const char *endpoint); /* SUB, to nothing yet */
void talker_close(struct talker *t);

void talker_topic(struct talker *t, const char *job_id);
/* Puts a message into the packet; the number is its request id (a new one if it has none). */
uint64_t talker_say(struct talker *t, struct wire_message m);
void talker_flush(struct talker *t);                           /* sends the packet */
uint64_t talker_send(struct talker *t, struct wire_message m); /* both */

/* Takes in what has come, waiting up to `timeout_ms` for the first packet. */
bool talker_listen(struct talker *t, int timeout_ms);
/* The next message of this kind: removed from the box with all that is older of the same kind only.
 * NULL when the deadline passed. The result lives until the next call. */
const struct wire_message *talker_hear(struct talker *t, enum wire_kind kind, int timeout_ms);
/* Likewise, the answer to this request. */
const struct wire_message *talker_answer(struct talker *t, uint64_t request_id, int timeout_ms);
/* The same, but the test fails without. */
const struct wire_message *talker_expect(struct talker *t, enum wire_kind kind);

enum { TALKER_PATIENCE_MS = 15000 }; /* only a broken program makes anyone wait that long */

#endif
