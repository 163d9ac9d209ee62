#include "ports/ticket_store.h"

#include "base/log.h"

#include <hiredis/hiredis.h>

#include <stdio.h>
#include <stdlib.h>

/* Lost, or refused by Redis, e.g. for the rights of its user. */
static enum err failed(const struct redisReply *reply)
{
    if (reply != NULL && reply->type == REDIS_REPLY_ERROR) {
        log_error("ticket.refused", "Redis: %.*s", (int)reply->len, reply->str);
    }
    return ERR_UNAVAILABLE;
}

/* One command, from asking to answering. */
struct asked {
    ticket_on_put *put;
    ticket_on_taken *taken;
    void *context;
};

static struct asked take_asked(void *context)
{
    const struct asked asked = *(struct asked *)context;
    free(context);
    return asked;
}

static void on_put(void *context, const struct redisReply *reply)
{
    const struct asked asked = take_asked(context);
    enum err e;
    if (reply != NULL && reply->type == REDIS_REPLY_STATUS) {
        e = ERR_OK;
    } else if (reply != NULL && reply->type == REDIS_REPLY_NIL) {
        e = ERR_EXISTS;
    } else {
        e = failed(reply);
    }
    asked.put(asked.context, e);
}

static void on_taken(void *context, const struct redisReply *reply)
{
    const struct asked asked = take_asked(context);
    enum err e;
    struct span value = {0};
    if (reply != NULL && reply->type == REDIS_REPLY_STRING) {
        e = ERR_OK;
        value = (struct span){reply->str, reply->len};
    } else if (reply != NULL && reply->type == REDIS_REPLY_NIL) {
        e = ERR_NOT_FOUND;
    } else {
        e = failed(reply);
    }
    asked.taken(asked.context, e, value);
}

static enum err ask(struct redis_conn *conn, const struct span *argv, size_t argc,
                    redis_on_reply *reply, struct asked asked)
{
    struct asked *kept = malloc(sizeof *kept);
    if (kept == NULL) {
        return ERR_NOMEM;
    }
    *kept = asked;
    const enum err e = redis_conn_command(conn, argv, argc, reply, kept);
    if (e != ERR_OK) {
        free(kept);
    }
    return e;
}

static enum err key_write(struct span hash, char out[TICKET_KEY_MAX], struct span *key)
{
    const int len = snprintf(out, TICKET_KEY_MAX, TICKET_KEY_PREFIX "%.*s", SPAN_ARG(hash));
    if (len < 0 || len >= TICKET_KEY_MAX) {
        return ERR_TOO_LARGE;
    }
    *key = (struct span){out, (size_t)len};
    return ERR_OK;
}

enum err ticket_store_put(struct redis_conn *conn, struct span hash, struct span value,
                          unsigned ttl_s, ticket_on_put *done, void *context)
{
    char room[TICKET_KEY_MAX], ttl[16];
    struct span key;
    TRY(key_write(hash, room, &key));
    (void)snprintf(ttl, sizeof ttl, "%u", ttl_s);
    const struct span argv[] = {SPAN("SET"), key, value, SPAN("NX"), SPAN("EX"), span_of(ttl)};
    const struct asked asked = {.put = done, .context = context};
    return ask(conn, argv, sizeof argv / sizeof argv[0], on_put, asked);
}

enum err ticket_store_take(struct redis_conn *conn, struct span hash, ticket_on_taken *done,
                           void *context)
{
    char room[TICKET_KEY_MAX];
    struct span key;
    TRY(key_write(hash, room, &key));
    const struct span argv[] = {SPAN("GETDEL"), key};
    const struct asked asked = {.taken = done, .context = context};
    return ask(conn, argv, sizeof argv / sizeof argv[0], on_taken, asked);
}
