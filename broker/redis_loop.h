/* Redis loop: lets czmq's zloop drive ports/redis_conn.
 *
 * Writing is not left to the poll: what a turn queued is written by redis_loop_flush at its end,
 * and only what the socket did not take waits for POLLOUT. A turn then costs one write and no
 * change of the poll set. Descriptors stay the connection's; zloop closes none. */
#ifndef LONGHAUL_BROKER_REDIS_LOOP_H
#define LONGHAUL_BROKER_REDIS_LOOP_H

#include "ports/redis_conn.h"

#include "broker/zeromq.h"

enum { REDIS_LOOP_HANDLES_MAX = 4 };

struct redis_loop_handle {
    struct redis_loop_czmq *owner;
    int fd;
    void (*ready)(void *arg, bool readable, bool writable);
    void *arg;
    bool used, read, write;
    short polled; /* what zloop watches for now */
};

struct redis_loop_czmq {
    zloop_t *loop;                   /* borrowed */
    void (*turn_end)(void *context); /* after each readiness that was handled */
    void *context;
    struct redis_loop_handle handles[REDIS_LOOP_HANDLES_MAX];
};

void redis_loop_init(struct redis_loop_czmq *l, zloop_t *loop, void (*turn_end)(void *context),
                     void *context);
/* What redis_conn_open wants. `l` must outlive the connections. */
struct redis_loop redis_loop_port(struct redis_loop_czmq *l);
/* Writes what is queued and brings zloop's interests up to date. Call it at the end of each turn.
 */
void redis_loop_flush(struct redis_loop_czmq *l);

#endif
