/* Redis connection: one asynchronous, pipelined connection that comes back by itself.
 *
 * The caller's event loop drives it through `redis_loop` (two loops exist: h2o's in the gateway,
 * czmq's in the broker). Commands are queued in hiredis' output buffer and leave together when the
 * loop finds the socket writable, so everything that one turn of the loop asks shares one write.
 *
 * While disconnected, redis_conn_command* answers ERR_UNAVAILABLE at once and keeps nothing. When
 * the connection breaks, every command in flight gets its callback with reply NULL: its outcome is
 * unknown. Reconnecting backs off from 50 ms to 1 s. A connection that has answered nothing for
 * `timeout_ms` with commands in flight is broken off; one that subscribed, and so has none, is
 * asked for a sign of life after half of that time, and has the other half to give it.
 *
 * One thread. hiredis types appear here because reply trees are read by the ports only. */
#ifndef LONGHAUL_PORTS_REDIS_CONN_H
#define LONGHAUL_PORTS_REDIS_CONN_H

#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct redisReply;
struct redis_conn;

/* What the connection needs of an event loop. `watch` starts watching a descriptor (no interest
 * yet) and returns a handle; the loop calls `ready(arg, readable, writable)`. The descriptor stays
 * the connection's: the loop must not close it (dup it if its library closes what it watches). */
struct redis_loop {
    void *context;
    void *(*watch)(void *context, int fd, void (*ready)(void *arg, bool readable, bool writable),
                   void *arg);
    void (*interest)(void *handle, bool read, bool write);
    void (*unwatch)(void *handle);
};

struct redis_conn_config {
    const char *socket_path; /* unix socket; NULL: use host and port */
    const char *host;        /* an IP address: names would block */
    int port;
    const char *username; /* NULL: none */
    const char *password; /* NULL: no AUTH */
    int64_t timeout_ms;
    size_t in_flight_max; /* commands; more answers ERR_FULL */
};

struct redis_conn_events {
    void *context;
    void (*up)(void *context);   /* connected (and authenticated) */
    void (*down)(void *context); /* after the last callback of what was in flight */
};

typedef void redis_on_reply(void *context, const struct redisReply *reply); /* NULL: lost */

/* Does not connect yet: redis_conn_tick does. Strings of `config` are borrowed. */
MUST_CHECK enum err redis_conn_open(const struct redis_conn_config *config,
                                    const struct redis_loop *loop,
                                    const struct redis_conn_events *events,
                                    struct redis_conn **out);
void redis_conn_close(struct redis_conn **c); /* callbacks of what is in flight run with NULL */

/* Call it every 50-250 ms: connects, backs off, notices silence. */
void redis_conn_tick(struct redis_conn *c, int64_t now_ms);
bool redis_conn_up(const struct redis_conn *c);
size_t redis_conn_in_flight(const struct redis_conn *c);

/* `argv` is copied. `reply` runs exactly once unless an error is returned. */
MUST_CHECK enum err redis_conn_command(struct redis_conn *c, const struct span *argv, size_t argc,
                                       redis_on_reply *reply, void *context);

enum { REDIS_CHANNEL_MAX = 64 }; /* bytes of a channel's name */
/* Subscribes this connection to one channel (it can then carry nothing else). `message` runs for
 * each message until the connection goes down; call it again from `up`. ERR_TOO_LARGE. */
MUST_CHECK enum err redis_conn_subscribe(struct redis_conn *c, struct span channel,
                                         void (*message)(void *context, struct span payload),
                                         void *context);

#endif
