#include "workers/dealer.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/log_limit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

struct dealer {
    void *socket;
    int fd;
    char endpoint[DEALER_ENDPOINT_SIZE];
    struct log_limit bad_packets;
    size_t open; /* index of the packet being filled; those before it wait, oldest first */
    struct wire_packet packets[DEALER_QUEUE_MAX];
};

static const struct {
    int option;
    int value;
} SOCKET_OPTIONS[] = {
    {ZMQ_LINGER, 500},         {ZMQ_SNDHWM, 1000},        {ZMQ_RCVHWM, 1000},
    {ZMQ_IMMEDIATE, 1},        {ZMQ_RECONNECT_IVL, 50},   {ZMQ_RECONNECT_IVL_MAX, 1000},
    {ZMQ_HANDSHAKE_IVL, 3000}, {ZMQ_HEARTBEAT_IVL, 2000}, {ZMQ_HEARTBEAT_TIMEOUT, 4000},
    {ZMQ_TCP_KEEPALIVE, 1},
};

static enum err socket_setup(struct dealer *d)
{
    const int64_t frame_max = WIRE_PACKET_MAX;
    size_t size = sizeof(d->fd);
    bool ok = zmq_setsockopt(d->socket, ZMQ_MAXMSGSIZE, &frame_max, sizeof(frame_max)) == 0;
    for (size_t i = 0; i < sizeof(SOCKET_OPTIONS) / sizeof(SOCKET_OPTIONS[0]); i++) {
        ok = ok && zmq_setsockopt(d->socket, SOCKET_OPTIONS[i].option, &SOCKET_OPTIONS[i].value,
                                  sizeof(int)) == 0;
    }
    ok = ok && zmq_connect(d->socket, d->endpoint) == 0 &&
         zmq_getsockopt(d->socket, ZMQ_FD, &d->fd, &size) == 0;
    return ok ? ERR_OK : ERR_INVALID;
}

enum err dealer_new(void *zmq_context, const char *endpoint, struct dealer **out)
{
    struct dealer *d = calloc(1, sizeof(*d));
    if (d == NULL) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < DEALER_QUEUE_MAX; i++) {
        wire_packet_init(&d->packets[i]);
    }
    enum err err = span_copy(span_of(endpoint), d->endpoint, sizeof(d->endpoint));
    d->socket = zmq_socket(zmq_context, ZMQ_DEALER);
    if (d->socket == NULL) {
        err = ERR_NOMEM;
    }
    err = err == ERR_OK ? socket_setup(d) : err;
    if (err != ERR_OK) {
        dealer_destroy(&d);
        return err;
    }
    *out = d;
    return ERR_OK;
}

void dealer_destroy(struct dealer **d)
{
    if (*d == NULL) {
        return;
    }
    if ((*d)->socket != NULL) {
        zmq_close((*d)->socket);
    }
    for (size_t i = 0; i < DEALER_QUEUE_MAX; i++) {
        wire_packet_clear(&(*d)->packets[i]);
    }
    free(*d);
    *d = NULL;
}

const char *dealer_endpoint(const struct dealer *d)
{
    return d->endpoint;
}

int dealer_fd(const struct dealer *d)
{
    return d->fd;
}

bool dealer_readable(struct dealer *d)
{
    int events = 0;
    size_t size = sizeof(events);
    return zmq_getsockopt(d->socket, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN) != 0;
}

static void deliver_frame(struct dealer *d, struct wire_reader *reader, zmq_msg_t *frame,
                          wire_on_message *deliver, void *context)
{
    const char *what = "";
    const struct span bytes = {zmq_msg_data(frame), zmq_msg_size(frame)};
    const enum err err =
        zmq_msg_more(frame) ? ERR_INVALID : wire_read(reader, bytes, deliver, context, &what);
    uint64_t left_out;
    if (err != ERR_OK && log_limit_pass(&d->bad_packets, clock_mono_ms(), &left_out)) {
        log_warn("broker.bad-packet", "endpoint=%s error=%s %s; left out: %" PRIu64, d->endpoint,
                 err_name(err), what != NULL ? what : "", left_out);
    }
}

void dealer_receive(struct dealer *d, struct wire_reader *reader, unsigned packets_max,
                    wire_on_message *deliver, void *context)
{
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    for (unsigned i = 0; i < packets_max; i++) {
        if (zmq_msg_recv(&frame, d->socket, ZMQ_DONTWAIT) < 0) {
            break;
        }
        deliver_frame(d, reader, &frame, deliver, context);
    }
    zmq_msg_close(&frame);
}

/* ---- sending */

static void drop_front(struct dealer *d)
{
    struct wire_packet front = d->packets[0];
    memmove(&d->packets[0], &d->packets[1], (DEALER_QUEUE_MAX - 1) * sizeof(front));
    wire_packet_reset(&front);
    d->packets[DEALER_QUEUE_MAX - 1] = front;
    d->open--;
}

static void next_packet(struct dealer *d)
{
    if (d->open + 1 == DEALER_QUEUE_MAX) {
        drop_front(d);
    }
    d->open++;
}

void dealer_add(struct dealer *d, const struct wire_message *m)
{
    enum err err = wire_add(&d->packets[d->open], m);
    if (err == ERR_FULL) {
        next_packet(d);
        err = wire_add(&d->packets[d->open], m);
    }
    if (err != ERR_OK) {
        log_error("broker.send-failed", "endpoint=%s error=%s", d->endpoint, err_name(err));
    }
}

static bool send_packet(struct dealer *d, const struct wire_packet *p)
{
    const struct span bytes = wire_packet_bytes(p);
    return zmq_send(d->socket, bytes.ptr, bytes.len, ZMQ_DONTWAIT) >= 0;
}

void dealer_flush(struct dealer *d)
{
    while (d->packets[0].items > 0 && send_packet(d, &d->packets[0])) {
        if (d->open > 0) {
            drop_front(d);
        } else {
            wire_packet_reset(&d->packets[0]);
        }
    }
}

bool dealer_stuck(const struct dealer *d)
{
    return d->packets[0].items > 0;
}

void dealer_forget(struct dealer *d)
{
    for (size_t i = 0; i < DEALER_QUEUE_MAX; i++) {
        wire_packet_reset(&d->packets[i]);
    }
    d->open = 0;
}
