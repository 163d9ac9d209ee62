#include "tests/model/redis_side.h"

#include "core/job.h"
#include "tests/model/model.h"

#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ARGS_MAX = 3100 };

/* What the broker loads (ports/functions/, joined by the build). */
extern const char functions_lua[];
extern const size_t functions_lua_len;

bool redis_side_load(struct redis_side *r, bool replace)
{
    redisReply *loaded =
        redisCommand(r->server.client, replace ? "FUNCTION LOAD REPLACE %b" : "FUNCTION LOAD %b",
                     functions_lua, functions_lua_len);
    cr_assert_not_null(loaded);
    const bool done = loaded->type != REDIS_REPLY_ERROR;
    freeReplyObject(loaded);
    return done;
}

void redis_side_open(struct redis_side *r)
{
    model_copy(r->dir, sizeof(r->dir), "/tmp/longhaul-model-XXXXXX");
    cr_assert_not_null(mkdtemp(r->dir));
    redis_server_start(&r->server, r->dir, false);
    cr_assert(redis_side_load(r, true), "the library does not load");
}

void redis_side_close(struct redis_side *r)
{
    char path[128];
    redis_server_stop(&r->server);
    (void)unlink(r->server.socket);
    (void)snprintf(path, sizeof(path), "%s/redis.log", r->dir);
    (void)unlink(path);
    (void)rmdir(r->dir);
}

static void say(const redisReply *reply, struct buf *out)
{
    switch (reply->type) {
    case REDIS_REPLY_INTEGER:
        (void)buf_printf(out, "i:%lld ", reply->integer);
        break;
    case REDIS_REPLY_ARRAY:
        for (size_t i = 0; i < reply->elements; i++) {
            say(reply->element[i], out);
        }
        break;
    case REDIS_REPLY_ERROR:
        (void)buf_printf(out, "e:%s ", reply->str);
        break;
    case REDIS_REPLY_NIL:
        (void)buf_text(out, "nil ");
        break;
    default:
        (void)buf_printf(out, "b:%s ", reply->str);
    }
}

static redisReply *command(struct redis_side *r, int argc, const char **argv)
{
    redisReply *reply = redisCommandArgv(r->server.client, argc, argv, NULL);
    cr_assert_not_null(reply, "redis is gone");
    return reply;
}

void redis_side_call(struct redis_side *r, const char *function, const char *const *argv,
                     size_t argc, struct buf *out)
{
    const char *words[ARGS_MAX] = {"FCALL", function, "1", MODEL_NS};
    cr_assert(argc + 4 <= ARGS_MAX);
    for (size_t i = 0; i < argc; i++) {
        words[i + 4] = argv[i];
    }
    redisReply *reply = command(r, (int)argc + 4, words);
    say(reply, out);
    freeReplyObject(reply);
}

void redis_side_do(struct redis_side *r, const char *words, struct buf *out)
{
    char text[1024], *rest = text;
    const char *argv[64];
    int argc = 0;
    model_copy(text, sizeof(text), words);
    for (char *word = strsep(&rest, " "); word != NULL && argc < 64; word = strsep(&rest, " ")) {
        argv[argc++] = word;
    }
    redisReply *reply = command(r, argc, argv);
    say(reply, out);
    freeReplyObject(reply);
}

/* How each type of key is read, and how many words of the reply make a line. */
static const struct reader {
    const char *type, *command, *first, *second, *third;
    size_t stride;
} readers[] = {
    {"string", "GET", NULL, NULL, NULL, 0},
    {"hash", "HGETALL", NULL, NULL, NULL, 2},
    {"zset", "ZRANGE", "0", "-1", "WITHSCORES", 2},
    {"set", "SMEMBERS", NULL, NULL, NULL, 1},
};

/* What is read is asked for in one go: a world has hundreds of keys, and each wait is a switch to
 * Redis and back. */
static void ask(struct redis_side *r, int argc, const char **argv)
{
    cr_assert_eq(redisAppendCommandArgv(r->server.client, argc, argv, NULL), REDIS_OK);
}

static redisReply *answer(struct redis_side *r)
{
    void *reply = NULL;
    cr_assert_eq(redisGetReply(r->server.client, &reply), REDIS_OK, "redis is gone");
    return reply;
}

static const struct reader *reader_of(struct redis_side *r, const char *key)
{
    redisReply *type = answer(r);
    const struct reader *found = NULL;
    for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
        found = strcmp(readers[i].type, type->str) == 0 ? &readers[i] : found;
    }
    freeReplyObject(type);
    cr_assert_not_null(found, "%s", key);
    return found;
}

static void dump_key(struct redis_side *r, const char *key, size_t stride, struct buf *out)
{
    redisReply *reply = answer(r);
    if (stride == 0) {
        (void)buf_printf(out, "%s\t\t%s\n", key, reply->str);
    }
    for (size_t i = 0; stride > 0 && i < reply->elements; i += stride) {
        const char *member = reply->element[i]->str;
        const char *value = stride == 2 ? reply->element[i + 1]->str : "";
        if (strncmp(member, "audit", 5) != 0) {
            (void)buf_printf(out, "%s\t%s\t%s\n", key, member, value);
        }
    }
    freeReplyObject(reply);
}

static void dump_keys(struct redis_side *r, const redisReply *keys, struct buf *out)
{
    size_t *strides = calloc(keys->elements + 1, sizeof(*strides));
    cr_assert_not_null(strides);
    for (size_t i = 0; i < keys->elements; i++) {
        const char *argv[] = {"TYPE", keys->element[i]->str};
        ask(r, 2, argv);
    }
    for (size_t i = 0; i < keys->elements; i++) {
        const char *key = keys->element[i]->str;
        const struct reader *how = reader_of(r, key);
        strides[i] = how->stride;
        const char *argv[] = {how->command, key, how->first, how->second, how->third};
        ask(r, how->first != NULL ? 5 : 2,
            argv); /* after the types, and sent with the first wait */
    }
    for (size_t i = 0; i < keys->elements; i++) {
        dump_key(r, keys->element[i]->str, strides[i], out);
    }
    free(strides);
}

void redis_side_dump(struct redis_side *r, struct buf *out)
{
    const char *argv[] = {"KEYS", "*"};
    redisReply *keys = command(r, 2, argv);
    dump_keys(r, keys, out);
    freeReplyObject(keys);
}
