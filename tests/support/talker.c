#include "support/talker.h"

#include "base/clock.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

static void talker_init(struct talker *t, int type, const char *endpoint)
{
    memset(t, 0, sizeof *t);
    t->context = zmq_ctx_new();
    t->socket = zmq_socket(t->context, type);
    const int linger = 0;
    (void)zmq_setsockopt(t->socket, ZMQ_LINGER, &linger, sizeof linger);
    cr_assert_eq(zmq_connect(t->socket, endpoint), 0);
    wire_packet_init(&t->out);
    cr_assert_eq(wire_reader_new(&t->reader), ERR_OK);
    t->box = calloc(TALKER_BOX_MAX, sizeof *t->box);
    cr_assert_not_null(t->box);
}

void talker_open(struct talker *t, const char *endpoint)
{
    talker_init(t, ZMQ_DEALER, endpoint);
}

void talker_subscribe(struct talker *t, const char *endpoint)
{
    talker_init(t, ZMQ_SUB, endpoint);
}

static void heard_free(struct heard *h)
{
    if (h != NULL) {
        free(h->report);
        free(h->workers);
        free(h);
    }
}

void talker_close(struct talker *t)
{
    if (t->context == NULL) {
        return;
    }
    (void)zmq_close(t->socket);
    (void)zmq_ctx_term(t->context);
    wire_packet_clear(&t->out);
    wire_reader_destroy(&t->reader);
    for (size_t i = 0; i < t->count; i++) {
        heard_free(t->box[(t->first + i) % TALKER_BOX_MAX]);
    }
    heard_free(t->last);
    free(t->box);
    memset(t, 0, sizeof *t);
}

void talker_topic(struct talker *t, const char *job_id)
{
    cr_assert_eq(zmq_setsockopt(t->socket, ZMQ_SUBSCRIBE, job_id, strlen(job_id)), 0);
}

uint64_t talker_say(struct talker *t, struct wire_message m)
{
    if (m.request_id == 0) {
        m.request_id = ++t->next_request;
    }
    enum err e = wire_add(&t->out, &m);
    if (e == ERR_FULL) {
        talker_flush(t);
        e = wire_add(&t->out, &m);
    }
    cr_assert_eq(e, ERR_OK, "kind %d: %s", (int)m.kind, err_name(e));
    return m.request_id;
}

void talker_flush(struct talker *t)
{
    const struct span bytes = wire_packet_bytes(&t->out);
    cr_assert_eq(zmq_send(t->socket, bytes.ptr, bytes.len, 0), (int)bytes.len);
    wire_packet_reset(&t->out);
}

uint64_t talker_send(struct talker *t, struct wire_message m)
{
    const uint64_t id = talker_say(t, m);
    talker_flush(t);
    return id;
}

static void keep(struct heard *h, struct span *s)
{
    cr_assert_leq(h->text_len + s->len, TALKER_TEXT_MAX);
    if (s->len > 0) {
        memcpy(h->text + h->text_len, s->ptr, s->len);
    }
    s->ptr = h->text + h->text_len;
    h->text_len += s->len;
}

/* Without the ids of jobs: how many there are stays. */
static void keep_report(struct heard *h)
{
    const struct wire_report *r = h->m.report;
    h->report = malloc(sizeof *h->report);
    h->workers = calloc(r->workers_count + 1, sizeof *h->workers);
    cr_assert(h->report != NULL && h->workers != NULL);
    *h->report = *r;
    for (size_t i = 0; i < r->workers_count; i++) {
        h->workers[i] = r->workers[i];
        h->workers[i].jobs = NULL;
    }
    h->report->workers = h->workers;
    keep(h, &h->report->broker_id);
    h->m.report = h->report;
}

/* What a broker says to anybody, with the spans of each. */
static void keep_spans(struct heard *h)
{
    switch ((int)h->m.kind) {
    case WIRE_SUBMIT_REPLY:
        keep(h, &h->m.submit_reply.job_id);
        break;
    case WIRE_PONG:
        keep(h, &h->m.pong.broker_id);
        break;
    case WIRE_WELCOME:
        keep(h, &h->m.welcome.broker_id);
        break;
    case WIRE_ASSIGN:
        keep(h, &h->m.assign.spec);
        break;
    case WIRE_DISCARD:
        keep(h, &h->m.key.key);
        break;
    case WIRE_EVENT:
        keep(h, &h->m.event.job_id);
        keep(h, &h->m.event.broker_id);
        break;
    case WIRE_REPORT:
        keep_report(h);
        break;
    default:
        break;
    }
}

static void on_message(void *context, const struct wire_message *m)
{
    struct talker *t = context;
    cr_assert_lt(t->count, TALKER_BOX_MAX);
    struct heard *h = calloc(1, sizeof *h);
    cr_assert_not_null(h);
    t->box[(t->first + t->count++) % TALKER_BOX_MAX] = h;
    h->m = *m;
    keep_spans(h);
}

static void take(struct talker *t, zmq_msg_t *frame)
{
    const char *what = "";
    const struct span bytes = {zmq_msg_data(frame), zmq_msg_size(frame)};
    const enum err e = wire_read(t->reader, bytes, on_message, t, &what);
    cr_assert_eq(e, ERR_OK, "%s: %s", err_name(e), what);
}

bool talker_listen(struct talker *t, int timeout_ms)
{
    zmq_pollitem_t item = {.socket = t->socket, .events = ZMQ_POLLIN};
    if (zmq_poll(&item, 1, timeout_ms) <= 0) {
        return false;
    }
    zmq_msg_t frame;
    (void)zmq_msg_init(&frame);
    while (zmq_msg_recv(&frame, t->socket, ZMQ_DONTWAIT) >= 0) {
        if (!zmq_msg_more(&frame)) { /* a topic comes before an event */
            take(t, &frame);
        }
    }
    (void)zmq_msg_close(&frame);
    return true;
}

static struct heard **at(struct talker *t, size_t i)
{
    return &t->box[(t->first + i) % TALKER_BOX_MAX];
}

/* The others keep their order. */
static const struct wire_message *take_out(struct talker *t, size_t i)
{
    heard_free(t->last);
    t->last = *at(t, i);
    for (; i > 0; i--) {
        *at(t, i) = *at(t, i - 1);
    }
    t->first = (t->first + 1) % TALKER_BOX_MAX;
    t->count--;
    return &t->last->m;
}

static const struct wire_message *find(struct talker *t, bool by_request, uint64_t wanted)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct wire_message *m = &(*at(t, i))->m;
        if (wanted == (by_request ? m->request_id : (uint64_t)m->kind)) {
            return take_out(t, i);
        }
    }
    return NULL;
}

static const struct wire_message *wait_for(struct talker *t, bool by_request, uint64_t wanted,
                                           int timeout_ms)
{
    const int64_t until_ms = clock_mono_ms() + timeout_ms;
    for (;;) {
        const struct wire_message *m = find(t, by_request, wanted);
        const int64_t left_ms = until_ms - clock_mono_ms();
        if (m != NULL || left_ms < 0) {
            return m;
        }
        (void)talker_listen(t, (int)left_ms);
    }
}

const struct wire_message *talker_hear(struct talker *t, enum wire_kind kind, int timeout_ms)
{
    return wait_for(t, false, (uint64_t)kind, timeout_ms);
}

const struct wire_message *talker_answer(struct talker *t, uint64_t request_id, int timeout_ms)
{
    return wait_for(t, true, request_id, timeout_ms);
}

const struct wire_message *talker_expect(struct talker *t, enum wire_kind kind)
{
    const struct wire_message *m = talker_hear(t, kind, TALKER_PATIENCE_MS);
    cr_assert_not_null(m, "no message of kind %d came", (int)kind);
    return m;
}
