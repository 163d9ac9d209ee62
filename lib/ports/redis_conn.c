#include "ports/redis_conn.h"

#include "base/buf.h"
#include "base/log.h"
#include "ports/redis_conn_private.h"

#include <hiredis/async.h>
#include <hiredis/sds.h>

#include <stdlib.h>
#include <string.h>

/* ---- one frame of ours around everything that may run callbacks: what must not happen while
 * hiredis is on the stack happens when the outermost ends */

static void destroy(struct redis_conn *c)
{
    redis_conn_drop(c);
    reply_arena_clear(&c->replies);
    buf_clear(&c->out);
    free(c->ring);
    free(c);
}

void redis_conn_enter(struct redis_conn *c)
{
    c->depth++;
}

void redis_conn_leave(struct redis_conn *c)
{
    c->depth--;
    if (c->depth == 0 && c->closed) {
        c->depth++; /* callbacks of what is in flight may come back to us */
        destroy(c);
    }
}

enum err redis_conn_open(const struct redis_conn_config *config, const struct redis_loop *loop,
                         const struct redis_conn_events *events, struct redis_conn **out)
{
    struct redis_conn *c = calloc(1, sizeof(*c));
    struct redis_pending *ring = calloc(config->in_flight_max, sizeof(*ring));
    if (c == NULL || ring == NULL) {
        free(c);
        free(ring);
        return ERR_NOMEM;
    }
    c->config = *config;
    c->loop = *loop;
    c->events = *events;
    c->ring = ring;
    c->backoff_ms = REDIS_BACKOFF_MIN_MS;
    buf_init(&c->out, REDIS_COMMAND_MAX);
    reply_arena_init(&c->replies);
    *out = c;
    return ERR_OK;
}

void redis_conn_close(struct redis_conn **c)
{
    if (*c == NULL) {
        return;
    }
    redis_conn_enter(*c);
    (*c)->closed = true;
    redis_conn_leave(*c);
    *c = NULL;
}

/* ---- what goes out */

/* The protocol's array of bulk strings (RESP2), formatted once into a buffer that is kept. */
static enum err format(struct buf *out, const struct span *argv, size_t argc)
{
    buf_reset(out);
    (void)buf_char(out, '*');
    (void)buf_u64(out, argc);
    for (size_t i = 0; i < argc; i++) {
        (void)buf_append(out, "\r\n$", 3);
        (void)buf_u64(out, argv[i].len);
        (void)buf_append(out, "\r\n", 2);
        (void)buf_span(out, argv[i]);
    }
    (void)buf_append(out, "\r\n", sizeof("\r\n")); /* with a NUL: hiredis looks for it */
    return buf_error(out);
}

static enum err send_formatted(struct redis_conn *c, redisCallbackFn *callback)
{
    const size_t without_nul = c->out.len - 1;
    return redisAsyncFormattedCommand(c->ac, callback, c, c->out.data, without_nul) == REDIS_OK
               ? ERR_OK
               : ERR_UNAVAILABLE;
}

/* ---- time */

/* Also again: Redis answers it once more, and that is a sign of life. hiredis 0.14 would give a
 * PING's callback to whatever message comes next. */
static enum err subscribe(struct redis_conn *c)
{
    const struct span argv[] = {SPAN("SUBSCRIBE"), {c->channel, c->channel_len}};
    TRY(format(&c->out, argv, 2));
    return send_formatted(c, redis_conn_on_push);
}

static void ask_for_life(struct redis_conn *c, int64_t now_ms)
{
    if (c->subscribed && !c->asked && now_ms - c->since_ms >= c->config.timeout_ms / 2) {
        c->asked = subscribe(c) == ERR_OK;
        c->asked_ms = now_ms;
    }
}

static void watch_silence(struct redis_conn *c, int64_t now_ms)
{
    if (c->heard || (c->count == 0 && c->state == REDIS_UP && !c->subscribed)) {
        c->since_ms = now_ms;
        c->heard = c->asked = false;
    }
    ask_for_life(c, now_ms);
    if (c->state == REDIS_UP && now_ms - c->up_ms >= REDIS_STABLE_MS) {
        c->backoff_ms = REDIS_BACKOFF_MIN_MS;
    }
    /* Who slept over all of it himself has only now asked: the answer has its half of the time. */
    const bool waits = c->asked && now_ms - c->asked_ms < c->config.timeout_ms / 2;
    if (now_ms - c->since_ms >= c->config.timeout_ms && !waits) {
        log_warn("redis.silent", "no answer for %lld ms, %zu commands in flight",
                 (long long)(now_ms - c->since_ms), c->count);
        redis_conn_drop(c);
    }
}

void redis_conn_tick(struct redis_conn *c, int64_t now_ms)
{
    if (c->depth > 0) {
        return; /* called by a callback of ours: the next tick is near */
    }
    redis_conn_enter(c);
    c->now_ms = now_ms;
    if (c->ac != NULL) {
        watch_silence(c, now_ms);
    } else if (now_ms >= c->retry_ms) {
        redis_conn_connect(c);
    }
    redis_conn_leave(c);
}

bool redis_conn_up(const struct redis_conn *c)
{
    return c->state == REDIS_UP && !c->closed;
}

size_t redis_conn_in_flight(const struct redis_conn *c)
{
    return c->count;
}

/* ---- commands */

enum err redis_conn_send(struct redis_conn *c, const struct span *argv, size_t argc,
                         redis_on_reply *reply, void *context)
{
    if (c->count >= c->config.in_flight_max || sdslen(c->ac->c.obuf) > REDIS_OUTPUT_MAX) {
        return ERR_FULL;
    }
    TRY(format(&c->out, argv, argc));
    TRY(send_formatted(c, redis_conn_on_reply));
    const size_t tail = (c->head + c->count) % c->config.in_flight_max;
    c->ring[tail] = (struct redis_pending){reply, context};
    c->count++;
    return ERR_OK;
}

enum err redis_conn_command(struct redis_conn *c, const struct span *argv, size_t argc,
                            redis_on_reply *reply, void *context)
{
    if (!redis_conn_up(c)) {
        return ERR_UNAVAILABLE;
    }
    return redis_conn_send(c, argv, argc, reply, context);
}

enum err redis_conn_subscribe(struct redis_conn *c, struct span channel,
                              void (*message)(void *context, struct span payload), void *context)
{
    if (!redis_conn_up(c)) {
        return ERR_UNAVAILABLE;
    }
    if (channel.len > sizeof(c->channel)) {
        return ERR_TOO_LARGE;
    }
    memcpy(c->channel, channel.ptr, channel.len);
    c->channel_len = channel.len;
    c->message = message;
    c->message_context = context;
    TRY(subscribe(c));
    c->subscribed = true;
    return ERR_OK;
}
