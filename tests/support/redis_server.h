/* A private Redis on a unix socket in a folder of the test's own. */
#ifndef LONGHAUL_SUPPORT_REDIS_SERVER_H
#define LONGHAUL_SUPPORT_REDIS_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

struct redisContext;

struct redis_server {
    char dir[64];
    char socket[96];
    pid_t pid;
    struct redisContext *client; /* for the test to look inside; blocking */
};

/* With an append-only file that is fsynced always, as the broker demands; without one, a Redis that
 * it must refuse. Waits until it answers. */
void redis_server_start(struct redis_server *r, const char *dir, bool durable);
void redis_server_kill(struct redis_server *r);    /* SIGKILL */
void redis_server_restart(struct redis_server *r); /* on the same data, after a kill */
void redis_server_stop(struct redis_server *r);

/* A field of a job's record; "" if it is absent. The text lives until the next call. */
const char *redis_server_field(struct redis_server *r, const char *job_id, const char *field);

#endif
