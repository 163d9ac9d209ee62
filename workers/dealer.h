/* Dealer: the connection to one broker, a ZeroMQ DEALER that never blocks.
 *
 * What is added during a turn leaves in one packet (more only if it does not fit). While the broker
 * cannot be reached, packets wait in a short queue; when that is full the oldest content is
 * dropped, which is harmless: heartbeats and offers are renewed, results are repeated. */
#ifndef LONGHAUL_WORKERS_DEALER_H
#define LONGHAUL_WORKERS_DEALER_H

#include "base/err.h"
#include "wire/wire.h"

#include <stdbool.h>

enum {
    DEALER_ENDPOINT_SIZE = 256,
    DEALER_QUEUE_MAX = 8, /* packets of up to WIRE_PACKET_MAX */
};

struct dealer;

/* `zmq_context` is borrowed. ERR_INVALID for an endpoint that ZeroMQ does not take. */
MUST_CHECK enum err dealer_new(void *zmq_context, const char *endpoint, struct dealer **out);
void dealer_destroy(struct dealer **d);
const char *dealer_endpoint(const struct dealer *d);

int dealer_fd(const struct dealer *d);
/* ZMQ_FD is edge-triggered: before sleeping, and after every send, this says whether input waits.
 */
bool dealer_readable(struct dealer *d);
/* Delivers at most `packets_max` packets. Packets that break a rule are logged and skipped. */
void dealer_receive(struct dealer *d, struct wire_reader *reader, unsigned packets_max,
                    wire_on_message *deliver, void *context);

void dealer_add(struct dealer *d, const struct wire_message *m);
void dealer_flush(struct dealer *d);
bool dealer_stuck(const struct dealer *d); /* something waits that could not be sent */
void dealer_forget(struct dealer *d);      /* what waits must not be sent any more */

#endif
