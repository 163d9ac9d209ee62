#include "ports/reply_arena.h"

#include <hiredis/hiredis.h>

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(HIREDIS_MAJOR == 0, "hiredis 1 has more kinds of objects");

struct reply_block {
    struct reply_block *older;
    size_t size;
    alignas(max_align_t) char bytes[];
};

/* As hiredis frees a reply it names only the reply. */
struct object {
    struct reply_arena *arena;
    redisReply reply;
};

static struct object *object_of(void *reply)
{
    return (struct object *)(void *)((char *)reply - offsetof(struct object, reply));
}

/* ---- memory */

static bool grow(struct reply_arena *arena, size_t need)
{
    const size_t size = need > REPLY_ARENA_BLOCK ? need : REPLY_ARENA_BLOCK;
    struct reply_block *block = malloc(sizeof *block + size);
    if (block == NULL) {
        return false;
    }
    *block = (struct reply_block){.older = arena->blocks, .size = size};
    arena->blocks = block;
    arena->used = 0;
    return true;
}

static void *take(struct reply_arena *arena, size_t size)
{
    const size_t need = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    if ((arena->blocks == NULL || need > arena->blocks->size - arena->used) && !grow(arena, need)) {
        return NULL;
    }
    char *taken = arena->blocks->bytes + arena->used;
    arena->used += need;
    return taken;
}

static void drop_newest(struct reply_arena *arena)
{
    struct reply_block *older = arena->blocks->older;
    free(arena->blocks);
    arena->blocks = older;
}

static void free_object(void *reply)
{
    struct reply_arena *arena = object_of(reply)->arena;
    while (arena->blocks->older != NULL) {
        drop_newest(arena);
    }
    if (arena->blocks->size > REPLY_ARENA_BLOCK) {
        drop_newest(arena);
    }
    arena->used = 0;
}

void reply_arena_init(struct reply_arena *arena)
{
    *arena = (struct reply_arena){0};
}

void reply_arena_clear(struct reply_arena *arena)
{
    while (arena->blocks != NULL) {
        drop_newest(arena);
    }
}

/* ---- objects */

static redisReply *make(const redisReadTask *task, int type)
{
    struct object *made = take(task->privdata, sizeof *made);
    if (made == NULL) {
        return NULL;
    }
    *made = (struct object){.arena = task->privdata, .reply.type = type};
    if (task->parent != NULL) {
        redisReply *array = task->parent->obj;
        array->element[task->idx] = &made->reply;
    }
    return &made->reply;
}

static void *make_string(const redisReadTask *task, char *text, size_t len)
{
    redisReply *reply = make(task, task->type);
    char *copy = reply != NULL ? take(task->privdata, len + 1) : NULL;
    if (copy == NULL) {
        return NULL;
    }
    memcpy(copy, text, len);
    copy[len] = '\0';
    reply->str = copy;
    reply->len = len;
    return reply;
}

static void *make_array(const redisReadTask *task, int elements)
{
    redisReply *reply = make(task, REDIS_REPLY_ARRAY);
    if (reply == NULL || elements <= 0) {
        return reply;
    }
    const size_t size = (size_t)elements * sizeof(redisReply *);
    reply->element = take(task->privdata, size);
    if (reply->element == NULL) {
        return NULL;
    }
    memset((void *)reply->element, 0, size);
    reply->elements = (size_t)elements;
    return reply;
}

static void *make_integer(const redisReadTask *task, long long value)
{
    redisReply *reply = make(task, REDIS_REPLY_INTEGER);
    if (reply != NULL) {
        reply->integer = value;
    }
    return reply;
}

static void *make_nil(const redisReadTask *task)
{
    return make(task, REDIS_REPLY_NIL); /* the task's is what it is not */
}

void reply_arena_serve(struct reply_arena *arena, struct redisReader *reader)
{
    /* hiredis wants it writable, and writes nothing. */
    static redisReplyObjectFunctions functions = {make_string, make_array, make_integer, make_nil,
                                                  free_object};
    reader->fn = &functions;
    reader->privdata = arena;
}
