#include "gateway/stream.h"

#include "base/clock.h"
#include "gateway/counters.h"
#include "gateway/hangup.h"
#include "gateway/hub.h"
#include "gateway/loop.h"
#include "gateway/reply.h"

#include <assert.h>
#include <sys/socket.h>

static struct hub *hub_of(struct stream *s)
{
    return &s->exchange->loop->hub;
}

static int fd_of(const struct stream *s)
{
    h2o_conn_t *conn = s->exchange->req->conn;
    return h2o_socket_get_fd(conn->callbacks->get_socket(conn));
}

static void move_to(struct stream *s, struct list *list)
{
    s->since_ms = clock_mono_ms();
    list_remove(&s->by_age);
    list_append(list, &s->by_age);
}

static void send_bytes(struct stream *s, h2o_iovec_t *bytes, size_t count, h2o_send_state_t state)
{
    s->busy = true;
    move_to(s, &hub_of(s)->busy);
    h2o_send(s->exchange->req, bytes, count, state);
}

/* Takes the reference. */
static void send_frames(struct stream *s, struct frames *f)
{
    h2o_iovec_t bytes = h2o_iovec_init(f->bytes, f->len);
    s->sending = f;
    send_bytes(s, &bytes, 1, H2O_SEND_STATE_IN_PROGRESS);
}

static void finish(struct stream *s)
{
    s->finished = true;
    s->kind->leave(s);
    list_remove(&s->of_due);
    h2o_iovec_t bytes = h2o_iovec_init("", 0);
    if (s->stopping) {
        struct buf *out = &hub_of(s)->out;
        const uint64_t random = id_source_u64(&s->exchange->loop->ids);
        buf_reset(out);
        sse_write_retry(SSE_RETRY_MS / 3 + (uint32_t)(random % STREAM_RETRY_SPREAD_MS), out);
        const struct span text = exchange_copy(s->exchange, buf_as_span(out));
        bytes = h2o_iovec_init(text.ptr, text.len);
    }
    send_bytes(s, &bytes, bytes.len > 0 ? 1 : 0, H2O_SEND_STATE_FINAL);
}

void stream_piece(struct stream_batch *out, const char *bytes, size_t len)
{
    assert(out->count < STREAM_PIECES_MAX);
    out->pieces[out->count++] = h2o_iovec_init(bytes, len);
    out->len += len;
}

void stream_wait(struct stream *s)
{
    list_remove(&s->of_due);
    list_append(&hub_of(s)->due, &s->of_due);
}

static enum stream_next ask(struct stream *s, struct stream_batch *out)
{
    s->asked = true;
    const enum stream_next next = s->kind->next(s, out);
    s->asked = false;
    return next;
}

/* Its caller's token is over: it ends as when the gateway stops, and whoever comes back needs
 * another token. */
static void check_token(struct stream *s)
{
    const struct caller *caller = &s->exchange->caller;
    s->stopping = s->stopping || (caller->known && caller_expired(caller, clock_wall_ms() / 1000));
}

void stream_pump(struct stream *s)
{
    struct stream_batch batch;
    assert(!s->asked);
    if (!s->started || s->busy || s->finished) {
        return;
    }
    check_token(s);
    if (s->stopping) {
        finish(s);
        return;
    }
    batch.count = batch.len = 0;
    switch (ask(s, &batch)) {
    case STREAM_NOTHING:
        break;
    case STREAM_SEND:
        send_bytes(s, batch.pieces, batch.count, H2O_SEND_STATE_IN_PROGRESS);
        break;
    case STREAM_OVER:
        finish(s);
        break;
    }
}

static void let_go(struct stream *s)
{
    frames_release(&s->sending);
    if (s->kind->sent != NULL) {
        s->kind->sent(s);
    }
}

static void proceed(h2o_generator_t *self, h2o_req_t *req)
{
    struct stream *s = (struct stream *)self;
    (void)req;
    s->busy = false;
    let_go(s);
    move_to(s, &hub_of(s)->idle);
    stream_pump(s);
}

static void add_headers(struct exchange *x)
{
    reply_header(x, H2O_TOKEN_CONTENT_TYPE, SPAN("text/event-stream"));
    reply_header(x, H2O_TOKEN_CACHE_CONTROL, SPAN("no-cache, no-transform"));
    reply_header_named(x, SPAN("x-accel-buffering"), SPAN("no"));
    x->req->res.content_length = SIZE_MAX;
}

/* It will not begin: the reply is something else. */
static void give_up(struct stream *s)
{
    s->finished = true;
    list_remove(&s->by_age);
    s->kind->leave(s);
}

void stream_refuse(struct stream *s, enum err err)
{
    give_up(s);
    reply_err(s->exchange, err);
}

void stream_seen(struct stream *s)
{
    give_up(s);
    reply_begin(s->exchange, 204);
    reply_empty(s->exchange);
}

static void reply_headers_only(struct stream *s)
{
    give_up(s);
    reply_begin(s->exchange, 200);
    add_headers(s->exchange);
    h2o_send_inline(s->exchange->req, "", 0);
}

void stream_begin(struct stream *s)
{
    struct exchange *x = s->exchange;
    const int send_buffer = STREAM_SEND_BUFFER;
    struct stream_batch batch = {.count = 0};
    if (exchange_is_head(x)) {
        reply_headers_only(s);
        return;
    }
    s->started = true;
    reply_begin(x, 200);
    add_headers(x);
    /* No request after it: in HTTP/1.0 the end of the connection is the end of the stream, and its
     * small send buffer, which cannot be undone, would slow down a file to a twentieth. */
    x->req->http1_is_persistent = 0;
    (void)setsockopt(fd_of(s), SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
    s->watched_fd = hangup_watch(hub_of(s), fd_of(s), s) == ERR_OK;
    metrics_add(x->loop->counters, COUNT_STREAMS, 1);
    hub_of(s)->streams_count++;
    h2o_start_response(x->req, &s->super);
    stream_piece(&batch, hub_of(s)->retry->bytes, hub_of(s)->retry->len);
    (void)ask(s, &batch); /* should it be over, it says so again on `proceed` */
    send_bytes(s, batch.pieces, batch.count, H2O_SEND_STATE_IN_PROGRESS);
}

void stream_stop(struct stream *s)
{
    s->stopping = true;
    stream_pump(s);
}

static void on_end(struct exchange *x)
{
    struct stream *s = x->state;
    list_remove(&s->by_age);
    list_remove(&s->of_due);
    let_go(s);
    s->kind->leave(s);
    if (s->watched_fd) {
        hangup_forget(hub_of(s), fd_of(s));
    }
    if (s->started) {
        metrics_add(x->loop->counters, COUNT_STREAMS, -1);
        hub_of(s)->streams_count--;
    }
}

void stream_open(struct stream *s, struct exchange *x, const struct stream_kind *kind,
                 bool named_only)
{
    s->super.proceed = proceed;
    s->kind = kind;
    s->exchange = x;
    s->named_only = named_only;
    list_init(&s->by_age);
    list_init(&s->of_due);
    list_append(&x->loop->hub.opening, &s->by_age);
    x->state = s;
    x->on_end = on_end;
}

/* ---- all streams of a loop */

static void cut_off(struct stream *s)
{
    (void)shutdown(fd_of(s), SHUT_RDWR); /* the next write fails, and libh2o closes */
}

static void on_hangup(struct hub *hub, void *stream)
{
    struct stream *s = stream;
    cut_off(s);
    if (!s->busy) {
        send_frames(s, frames_hold(hub->heartbeat)); /* a write, so that it is noticed */
    }
}

/* Those that send something find out by themselves. */
static void end_expired(struct hub *hub, int64_t now_ms)
{
    if (!hub->loop->config->access.jwt || now_ms < hub->expired_at_ms) {
        return;
    }
    hub->expired_at_ms = now_ms + STREAM_EXPIRED_MS;
    for (struct list *at = hub->idle.next, *next; at != &hub->idle; at = next) {
        next = at->next;
        struct stream *s = LIST_ENTRY(at, struct stream, by_age);
        check_token(s);
        if (s->stopping) {
            stream_pump(s); /* is busy then, and in another list */
        }
    }
}

static void send_heartbeats(struct hub *hub, int64_t now_ms)
{
    const int64_t every_ms = hub->loop->config->heartbeat_s * 1000;
    while (!list_empty(&hub->idle)) {
        struct stream *s = LIST_ENTRY(hub->idle.next, struct stream, by_age);
        if (now_ms - s->since_ms < every_ms) {
            return;
        }
        send_frames(s, frames_hold(hub->heartbeat));
    }
}

static void cut_off_stuck(struct hub *hub, int64_t now_ms)
{
    while (!list_empty(&hub->busy)) {
        struct stream *s = LIST_ENTRY(hub->busy.next, struct stream, by_age);
        if (now_ms - s->since_ms < STREAM_STUCK_MS) {
            return;
        }
        list_remove(&s->by_age);
        metrics_add(hub->loop->counters, COUNT_STREAMS_STUCK, 1);
        cut_off(s);
    }
}

void streams_tick(struct hub *hub, int64_t now_ms)
{
    struct list due;
    list_init(&due);
    for (struct list *at; (at = list_pop(&hub->due)) != NULL;) {
        list_append(&due, at);
    }
    for (struct list *at; (at = list_pop(&due)) != NULL;) {
        struct stream *s = LIST_ENTRY(at, struct stream, of_due);
        s->ticked = true;
        stream_pump(s);
    }
    end_expired(hub, now_ms);
    send_heartbeats(hub, now_ms);
    cut_off_stuck(hub, now_ms);
}

static void mark_stopping(struct list *streams)
{
    for (struct list *at = streams->next; at != streams; at = at->next) {
        LIST_ENTRY(at, struct stream, by_age)->stopping = true;
    }
}

/* Those that are busy or not there yet stop as soon as they can. */
void streams_stop(struct hub *hub)
{
    mark_stopping(&hub->opening);
    mark_stopping(&hub->busy);
    while (!list_empty(&hub->idle)) {
        stream_stop(LIST_ENTRY(hub->idle.next, struct stream, by_age)); /* is busy then */
    }
}

enum err streams_open(struct hub *hub)
{
    sse_write_heartbeat(&hub->out);
    hub->heartbeat = frames_new(buf_as_span(&hub->out));
    buf_reset(&hub->out);
    sse_write_retry(SSE_RETRY_MS, &hub->out);
    hub->retry = frames_new(buf_as_span(&hub->out));
    if (hub->heartbeat == NULL || hub->retry == NULL) {
        return ERR_NOMEM;
    }
    return hangup_open(hub, on_hangup);
}

void streams_close(struct hub *hub)
{
    hangup_close(hub);
    frames_release(&hub->heartbeat);
    frames_release(&hub->retry);
}
