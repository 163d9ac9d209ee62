/* The side of a Redis connection that hiredis and the event loop call. */
#include "base/log.h"
#include "ports/redis_conn_private.h"

#include <hiredis/async.h>

#include <assert.h>
#include <fcntl.h>
#include <string.h>

/* ---- interest: hiredis asks one by one, the loop wants both at once and only when it changes */

static void want(struct redis_conn *c, bool read, bool write)
{
    if (c->watch == NULL || (read == c->want_read && write == c->want_write)) {
        return;
    }
    c->want_read = read;
    c->want_write = write;
    c->loop.interest(c->watch, read, write);
}

static void add_read(void *conn)
{
    struct redis_conn *c = conn;
    want(c, true, c->want_write);
}

static void drop_read(void *conn)
{
    struct redis_conn *c = conn;
    want(c, false, c->want_write);
}

static void add_write(void *conn)
{
    struct redis_conn *c = conn;
    want(c, c->want_read, true);
}

static void drop_write(void *conn)
{
    struct redis_conn *c = conn;
    want(c, c->want_read, false);
}

/* May come more than once for a context. The descriptor is still open. */
static void unwatch(void *conn)
{
    struct redis_conn *c = conn;
    if (c->watch != NULL) {
        c->loop.unwatch(c->watch);
        c->watch = NULL;
        c->want_read = c->want_write = false;
    }
}

static void on_ready(void *conn, bool readable, bool writable)
{
    struct redis_conn *c = conn;
    const uint64_t connection = c->connections;
    redis_conn_enter(c);
    if (readable && c->ac != NULL) {
        redisAsyncHandleRead(c->ac);
    }
    if (writable && c->ac != NULL && c->connections == connection) {
        redisAsyncHandleWrite(c->ac);
    }
    redis_conn_leave(c);
}

/* ---- up and down */

static void retry_later(struct redis_conn *c)
{
    c->retry_ms = c->now_ms + c->backoff_ms;
    c->backoff_ms *= 2;
    if (c->backoff_ms > REDIS_BACKOFF_MAX_MS) {
        c->backoff_ms = REDIS_BACKOFF_MAX_MS;
    }
}

static void log_lost(struct redis_conn *c, const char *why)
{
    if (!c->was_lost) {
        log_warn("redis.down", "%s", why != NULL && why[0] != '\0' ? why : "connection ended");
        c->was_lost = true;
    }
}

static void go_up(struct redis_conn *c)
{
    c->state = REDIS_UP;
    c->was_lost = false;
    c->since_ms = c->up_ms = c->now_ms;
    log_info("redis.up", NULL);
    c->events.up(c->events.context);
}

static void on_auth(void *context, const struct redisReply *reply)
{
    struct redis_conn *c = context;
    if (reply == NULL) {
        return;
    }
    if (reply->type == REDIS_REPLY_ERROR) {
        /* Deferred by hiredis until its callback has returned. */
        log_error("redis.refused", "AUTH: %.*s", (int)reply->len, reply->str);
        c->was_lost = true;
        redisAsyncDisconnect(c->ac);
        return;
    }
    go_up(c);
}

static void authenticate(struct redis_conn *c)
{
    struct span argv[3] = {SPAN("AUTH")};
    size_t argc = 1;
    if (c->config.username != NULL) {
        argv[argc++] = span_of(c->config.username);
    }
    argv[argc++] = span_of(c->config.password);
    if (redis_conn_send(c, argv, argc, on_auth, c) != ERR_OK) {
        log_error("redis.refused", "AUTH could not be sent");
    }
}

static void on_connect(const redisAsyncContext *ac, int status)
{
    struct redis_conn *c = ac->data;
    if (status != REDIS_OK) { /* hiredis frees the context after this */
        log_lost(c, ac->errstr);
        c->ac = NULL;
        c->state = REDIS_DOWN;
        retry_later(c);
        return;
    }
    if (c->config.socket_path == NULL) {
        (void)redisEnableKeepAlive(&c->ac->c);
    }
    if (c->config.password != NULL) {
        authenticate(c);
    } else {
        go_up(c);
    }
}

/* Comes after the last callback of what was in flight, and only for what had connected. */
static void on_disconnect(const redisAsyncContext *ac, int status)
{
    (void)status;
    struct redis_conn *c = ac->data;
    const bool was_up = c->up_ms >= 0;
    log_lost(c, ac->errstr);
    assert(c->count == 0);
    c->ac = NULL;
    c->state = REDIS_DOWN;
    retry_later(c);
    if (was_up) {
        c->events.down(c->events.context);
    }
}

static void attach(struct redis_conn *c, redisAsyncContext *ac)
{
    c->ac = ac;
    c->connections++;
    c->state = REDIS_CONNECTING;
    c->since_ms = c->now_ms;
    c->up_ms = -1;
    c->heard = c->subscribed = c->asked = false;
    (void)fcntl(ac->c.fd, F_SETFD, FD_CLOEXEC);
    reply_arena_serve(&c->replies, ac->c.reader);
    ac->data = c;
    ac->ev.data = c;
    ac->ev.addRead = add_read;
    ac->ev.delRead = drop_read;
    ac->ev.addWrite = add_write;
    ac->ev.delWrite = drop_write;
    ac->ev.cleanup = unwatch;
}

void redis_conn_connect(struct redis_conn *c)
{
    redisAsyncContext *ac = c->config.socket_path != NULL
                                ? redisAsyncConnectUnix(c->config.socket_path)
                                : redisAsyncConnect(c->config.host, c->config.port);
    if (ac == NULL || ac->err != 0) {
        log_lost(c, ac != NULL ? ac->errstr : "out of memory");
        retry_later(c);
        if (ac != NULL) {
            redisAsyncFree(ac);
        }
        return;
    }
    attach(c, ac);
    c->watch = c->loop.watch(c->loop.context, ac->c.fd, on_ready, c);
    if (c->watch == NULL) {
        log_lost(c, "the event loop does not watch it");
        redis_conn_drop(c);
        return;
    }
    (void)redisAsyncSetDisconnectCallback(ac, on_disconnect);
    (void)redisAsyncSetConnectCallback(ac, on_connect); /* asks to be told when writable */
}

void redis_conn_drop(struct redis_conn *c)
{
    redisAsyncContext *ac = c->ac;
    if (ac == NULL) {
        return;
    }
    c->state = REDIS_DOWN;
    redisAsyncFree(ac);
    if (c->ac != NULL) { /* it had not connected, so on_disconnect was not called */
        c->ac = NULL;
        retry_later(c);
    }
}

/* ---- replies */

void redis_conn_on_reply(struct redisAsyncContext *ac, void *reply, void *conn)
{
    (void)ac;
    struct redis_conn *c = conn;
    assert(c->count > 0);
    const struct redis_pending done = c->ring[c->head];
    c->head = (c->head + 1) % c->config.in_flight_max;
    c->count--;
    if (reply == NULL) {
        c->state = REDIS_DOWN; /* callbacks that ask at once again are answered at once */
    } else {
        c->heard = true;
    }
    done.reply(done.context, reply);
}

void redis_conn_on_push(struct redisAsyncContext *ac, void *reply, void *conn)
{
    (void)ac;
    struct redis_conn *c = conn;
    const struct redisReply *r = reply;
    if (r == NULL) {
        c->state = REDIS_DOWN;
        return;
    }
    c->heard = true;
    if (r->type != REDIS_REPLY_ARRAY || r->elements != 3 ||
        r->element[0]->type != REDIS_REPLY_STRING || r->element[2]->type != REDIS_REPLY_STRING ||
        strcmp(r->element[0]->str, "message") != 0) {
        return;
    }
    c->message(c->message_context, (struct span){r->element[2]->str, r->element[2]->len});
}
