#include "support/stub_broker.h"

#include "base/clock.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

void stub_broker_open(struct stub_broker *b, const char *endpoint)
{
    const int linger = 0;
    memset(b, 0, sizeof *b);
    b->context = zmq_ctx_new();
    b->socket = zmq_socket(b->context, ZMQ_ROUTER);
    (void)zmq_setsockopt(b->socket, ZMQ_LINGER, &linger, sizeof linger);
    cr_assert_eq(zmq_bind(b->socket, endpoint), 0);
    cr_assert_eq(wire_reader_new(&b->reader), ERR_OK);
}

void stub_broker_close(struct stub_broker *b)
{
    if (b->context == NULL) {
        return;
    }
    (void)zmq_close(b->socket);
    (void)zmq_ctx_term(b->context);
    wire_reader_destroy(&b->reader);
    for (size_t i = 0; i < b->count; i++) {
        free(b->box[i]);
    }
    free(b->last);
    memset(b, 0, sizeof *b);
}

/* ---- keeping what was said */

static void keep_span(struct said *s, struct span *field)
{
    cr_assert_leq(s->text_len + field->len, sizeof s->text);
    if (field->len > 0) {
        memcpy(s->text + s->text_len, field->ptr, field->len);
    }
    field->ptr = s->text + s->text_len;
    s->text_len += field->len;
}

static void keep_named(struct said *s, const struct attempt **array, size_t count)
{
    cr_assert_leq(count, STUB_NAMED_MAX);
    if (count > 0) {
        memcpy(s->named, *array, count * sizeof **array);
    }
    *array = s->named;
}

static void keep_result(struct said *s)
{
    struct wire_result *r = &s->m.result;
    if (r->outcome == OUTCOME_COMPLETED) {
        keep_span(s, &r->artifact.key);
        keep_span(s, &r->artifact.file_name);
        keep_span(s, &r->artifact.content_type);
    } else if (r->outcome == OUTCOME_FAILED) {
        keep_span(s, &r->failure.code);
        keep_span(s, &r->failure.message);
    }
}

static void keep(struct stub_broker *b, const struct wire_message *m)
{
    cr_assert_lt(b->count, STUB_BOX_MAX);
    struct said *s = calloc(1, sizeof *s);
    cr_assert_not_null(s);
    s->m = *m;
    if (m->kind == WIRE_HELLO) {
        keep_span(s, &s->m.hello.worker_id);
        keep_span(s, &s->m.hello.version);
        keep_named(s, &s->m.hello.running, m->hello.running_count);
    } else if (m->kind == WIRE_HEARTBEAT) {
        keep_named(s, &s->m.heartbeat.running, m->heartbeat.running_count);
    } else if (m->kind == WIRE_RESULT) {
        keep_result(s);
    } else if (m->kind == WIRE_DISCARDED) {
        keep_span(s, &s->m.key.key);
    }
    b->box[b->count++] = s;
}

static void on_message(void *context, const struct wire_message *m)
{
    struct stub_broker *b = context;
    keep(b, m);
    if (m->kind == WIRE_HEARTBEAT && !b->silent) {
        stub_send(b, &(struct wire_message){.kind = WIRE_BROKER_ALIVE,
                                            .broker_alive = {.draining = b->draining}});
    }
    if (m->kind == WIRE_HELLO && b->welcoming && !b->silent) {
        stub_say_welcome(b);
    }
}

static bool receive(struct stub_broker *b)
{
    zmq_msg_t frame;
    const int peer = zmq_recv(b->socket, b->peer, sizeof b->peer, ZMQ_DONTWAIT);
    if (peer < 0) {
        return false;
    }
    cr_assert_leq(peer, STUB_PEER_MAX);
    b->peer_len = (size_t)peer;
    zmq_msg_init(&frame);
    cr_assert_geq(zmq_msg_recv(&frame, b->socket, 0), 0);
    const struct span bytes = {zmq_msg_data(&frame), zmq_msg_size(&frame)};
    const char *what = "";
    cr_assert_eq(wire_read(b->reader, bytes, on_message, b, &what), ERR_OK, "%s", what);
    zmq_msg_close(&frame);
    return true;
}

void stub_listen(struct stub_broker *b, int timeout_ms)
{
    zmq_pollitem_t item = {.socket = b->socket, .events = ZMQ_POLLIN};
    (void)zmq_poll(&item, 1, timeout_ms);
    while (receive(b)) {
    }
}

static struct said *take(struct stub_broker *b, enum wire_kind kind)
{
    for (size_t i = 0; i < b->count; i++) {
        if (b->box[i]->m.kind == kind) {
            struct said *s = b->box[i];
            memmove(&b->box[i], &b->box[i + 1], (b->count - i - 1) * sizeof *b->box);
            b->count--;
            return s;
        }
    }
    return NULL;
}

const struct wire_message *stub_hear(struct stub_broker *b, enum wire_kind kind, int timeout_ms)
{
    const int64_t until_ms = clock_mono_ms() + timeout_ms;
    free(b->last);
    b->last = take(b, kind);
    while (b->last == NULL && clock_mono_ms() < until_ms) {
        stub_listen(b, (int)(until_ms - clock_mono_ms()));
        b->last = take(b, kind);
    }
    return b->last != NULL ? &b->last->m : NULL;
}

const struct wire_message *stub_expect(struct stub_broker *b, enum wire_kind kind)
{
    const struct wire_message *m = stub_hear(b, kind, STUB_PATIENCE_MS);
    cr_assert_not_null(m, "no message of kind %d", (int)kind);
    return m;
}

void stub_forget(struct stub_broker *b, enum wire_kind kind)
{
    stub_listen(b, 0);
    for (struct said *s = take(b, kind); s != NULL; s = take(b, kind)) {
        free(s);
    }
}

void stub_send(struct stub_broker *b, const struct wire_message *m)
{
    struct wire_packet p;
    wire_packet_init(&p);
    cr_assert_eq(wire_add(&p, m), ERR_OK);
    const struct span bytes = wire_packet_bytes(&p);
    cr_assert_geq(zmq_send(b->socket, b->peer, b->peer_len, ZMQ_SNDMORE), 0);
    cr_assert_geq(zmq_send(b->socket, bytes.ptr, bytes.len, 0), 0);
    wire_packet_clear(&p);
}

/* ---- phrases */

void stub_say_welcome(struct stub_broker *b)
{
    b->welcoming = true;
    stub_send(b,
              &(struct wire_message){.kind = WIRE_WELCOME, .welcome = {.broker_id = SPAN("stub")}});
}

const struct wire_message *stub_welcome(struct stub_broker *b)
{
    const struct wire_message *hello = stub_expect(b, WIRE_HELLO);
    stub_say_welcome(b);
    return hello;
}

void stub_assign(struct stub_broker *b, const struct attempt *a, const struct job_spec *spec,
                 uint32_t timeout_ms, uint32_t failures)
{
    struct buf bytes;
    buf_init(&bytes, JOB_SPEC_MAX);
    cr_assert_eq(wire_spec_pack(spec, &bytes), ERR_OK);
    stub_send(b, &(struct wire_message){.kind = WIRE_ASSIGN,
                                        .assign = {.attempt = *a,
                                                   .file_id = spec->file_ids[0],
                                                   .spec = buf_as_span(&bytes),
                                                   .timeout_ms = timeout_ms,
                                                   .failures = failures}});
    buf_clear(&bytes);
}

void stub_ack(struct stub_broker *b, const struct attempt *a, enum ack_code code)
{
    stub_send(b, &(struct wire_message){.kind = WIRE_ACK, .ack = {.attempt = *a, .code = code}});
}

void stub_abort(struct stub_broker *b, const struct attempt *a, enum abort_reason reason)
{
    stub_send(
        b, &(struct wire_message){.kind = WIRE_ABORT, .abort = {.attempt = *a, .reason = reason}});
}
