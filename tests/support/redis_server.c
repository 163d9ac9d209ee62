#include "support/redis_server.h"

#include "support/child.h"

#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { START_TRIES = 400, TRY_MS = 25 };

static bool answers(struct redis_server *r)
{
    r->client = redisConnectUnix(r->socket);
    if (r->client == NULL || r->client->err != 0) {
        redisFree(r->client);
        r->client = NULL;
        return false;
    }
    redisReply *pong = redisCommand(r->client, "PING");
    const bool up = pong != NULL && pong->type == REDIS_REPLY_STATUS;
    freeReplyObject(pong);
    if (!up) { /* still loading its data */
        redisFree(r->client);
        r->client = NULL;
    }
    return up;
}

static void start(struct redis_server *r, const char *appendonly)
{
    char log[128];
    (void)snprintf(log, sizeof log, "%s/redis.log", r->dir);
    const char *const argv[] = {"redis-server",
                                "--port",
                                "0",
                                "--unixsocket",
                                r->socket,
                                "--dir",
                                r->dir,
                                "--save",
                                "",
                                "--appendonly",
                                appendonly,
                                "--appendfsync",
                                "always",
                                "--maxmemory-policy",
                                "noeviction",
                                NULL};
    r->pid = child_start(argv, log);
    for (int i = 0; i < START_TRIES; i++) {
        if (answers(r)) {
            return;
        }
        (void)poll(NULL, 0, TRY_MS);
    }
    cr_assert(false, "redis-server did not start: see %s", log);
}

void redis_server_start(struct redis_server *r, const char *dir, bool durable)
{
    memset(r, 0, sizeof *r);
    (void)snprintf(r->dir, sizeof r->dir, "%s", dir);
    (void)snprintf(r->socket, sizeof r->socket, "%s/redis.sock", dir);
    start(r, durable ? "yes" : "no");
}

void redis_server_kill(struct redis_server *r)
{
    redisFree(r->client);
    r->client = NULL;
    (void)child_stop(r->pid, SIGKILL);
    r->pid = 0;
}

void redis_server_restart(struct redis_server *r)
{
    start(r, "yes");
}

void redis_server_stop(struct redis_server *r)
{
    if (r->pid > 0) {
        redis_server_kill(r);
    }
}

const char *redis_server_field(struct redis_server *r, const char *job_id, const char *field)
{
    static char text[4096];
    redisReply *reply = redisCommand(r->client, "HGET download:job:%s %s", job_id, field);
    cr_assert_not_null(reply);
    (void)snprintf(text, sizeof text, "%s", reply->type == REDIS_REPLY_STRING ? reply->str : "");
    freeReplyObject(reply);
    return text;
}
