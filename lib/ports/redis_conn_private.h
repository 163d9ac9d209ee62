/* Redis connection, inside: what redis_conn.c (callers, time) and redis_socket.c (hiredis, the
 * event loop) share. hiredis frees its context when a connection ends, so `ac` is only looked at
 * here, and nothing of it is kept across a callback. */
#ifndef LONGHAUL_PORTS_REDIS_CONN_PRIVATE_H
#define LONGHAUL_PORTS_REDIS_CONN_PRIVATE_H

#include "base/buf.h"
#include "ports/redis_conn.h"
#include "ports/reply_arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    REDIS_BACKOFF_MIN_MS = 50,
    REDIS_BACKOFF_MAX_MS = 1000,
    REDIS_STABLE_MS = 1000,      /* up for so long: the next backoff starts small again */
    REDIS_COMMAND_MAX = 8388608, /* bytes of one command: 256 submits with the largest spec */
    REDIS_OUTPUT_MAX = 33554432, /* bytes that wait for the socket before ERR_FULL */
};

enum redis_state { REDIS_DOWN, REDIS_CONNECTING, REDIS_UP };

struct redisAsyncContext;

/* A command whose reply is to come. Replies come in the order of the commands. */
struct redis_pending {
    redis_on_reply *reply;
    void *context;
};

struct redis_conn {
    struct redis_conn_config config;
    struct redis_loop loop;
    struct redis_conn_events events;

    struct redisAsyncContext *ac; /* hiredis owns it; NULL while there is no connection */
    void *watch;                  /* the loop's handle */
    bool want_read, want_write;
    enum redis_state state;
    uint64_t connections; /* how many were begun: tells a new context from the one before */

    int64_t now_ms; /* of the last tick */
    int64_t since_ms, asked_ms, up_ms, retry_ms, backoff_ms;
    bool subscribed, asked; /* asked: for a sign of life, and not heard since */
    bool heard;             /* something was answered since the last tick */
    bool was_lost;          /* the present outage was logged */

    struct redis_pending *ring; /* owned; config.in_flight_max places */
    size_t head, count;

    void (*message)(void *context, struct span payload);
    void *message_context;
    char channel[REDIS_CHANNEL_MAX];
    size_t channel_len;

    struct buf out; /* the command being formatted */
    struct reply_arena replies;
    unsigned depth; /* frames of ours on the stack */
    bool closed;
};

void redis_conn_enter(struct redis_conn *c);
void redis_conn_leave(struct redis_conn *c);

void redis_conn_connect(struct redis_conn *c); /* tries; on failure the next try is set */
void redis_conn_drop(struct redis_conn *c);    /* ends the connection now, if there is one */
MUST_CHECK enum err redis_conn_send(struct redis_conn *c, const struct span *argv, size_t argc,
                                    redis_on_reply *reply, void *context);

/* What hiredis calls; `conn` is the struct redis_conn. */
void redis_conn_on_reply(struct redisAsyncContext *ac, void *reply, void *conn);
void redis_conn_on_push(struct redisAsyncContext *ac, void *reply, void *conn);

#endif
