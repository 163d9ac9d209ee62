// links: ports hiredis
#include "ports/reply_arena.h"

#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONG_TEXT = 3 * REPLY_ARENA_BLOCK };

static struct reply_arena arena;
static redisReader *reader;

static void open_reader(void)
{
    reply_arena_init(&arena);
    reader = redisReaderCreate();
    reply_arena_serve(&arena, reader);
}

static void close_reader(void)
{
    redisReaderFree(reader);
    reply_arena_clear(&arena);
}

static void feed(const char *text)
{
    cr_assert_eq(redisReaderFeed(reader, text, strlen(text)), REDIS_OK);
}

/* NULL: not complete yet. */
static redisReply *next(void)
{
    void *reply = NULL;
    cr_assert_eq(redisReaderGetReply(reader, &reply), REDIS_OK);
    return reply;
}

static void feed_long_text(void)
{
    char *text = malloc(LONG_TEXT);
    char head[32];
    memset(text, 'x', LONG_TEXT);
    (void)snprintf(head, sizeof head, "$%d\r\n", LONG_TEXT);
    feed(head);
    cr_assert_eq(redisReaderFeed(reader, text, LONG_TEXT), REDIS_OK);
    feed("\r\n");
    free(text);
}

TestSuite(reply_arena, .init = open_reader, .fini = close_reader);

Test(reply_arena, test_reader_when_freed_inside_a_reply_then_nothing_leaks)
{
    feed("*3\r\n$3\r\none\r\n");
    feed_long_text();
    cr_assert_null(next());
}

Test(reply_arena, test_reader_when_the_bytes_are_no_reply_then_it_fails)
{
    void *reply = NULL;
    feed("*2\r\n$3\r\none\r\n?\r\n");
    cr_assert_eq(redisReaderGetReply(reader, &reply), REDIS_ERR);
}

Test(reply_arena, test_reply_of_each_kind_is_what_was_sent)
{
    feed("*7\r\n$3\r\none\r\n:-5\r\n$-1\r\n*-1\r\n*0\r\n-ERR no\r\n*2\r\n+OK\r\n$0\r\n\r\n");
    redisReply *r = next();
    cr_assert_not_null(r);
    static const int types[] = {REDIS_REPLY_STRING, REDIS_REPLY_INTEGER, REDIS_REPLY_NIL,
                                REDIS_REPLY_NIL,    REDIS_REPLY_ARRAY,   REDIS_REPLY_ERROR,
                                REDIS_REPLY_ARRAY};
    cr_assert_eq(r->type, REDIS_REPLY_ARRAY);
    cr_assert_eq(r->elements, 7);
    for (size_t i = 0; i < 7; i++) {
        cr_expect_eq(r->element[i]->type, types[i], "element %zu", i);
    }
    cr_expect_str_eq(r->element[0]->str, "one");
    cr_expect_eq(r->element[0]->len, 3);
    cr_expect_eq(r->element[1]->integer, -5);
    cr_expect_eq(r->element[4]->elements, 0);
    cr_expect_str_eq(r->element[5]->str, "ERR no");
    cr_assert_eq(r->element[6]->elements, 2);
    cr_expect_str_eq(r->element[6]->element[0]->str, "OK");
    cr_expect_eq(r->element[6]->element[1]->len, 0);
    reader->fn->freeObject(r);
}

Test(reply_arena, test_reply_when_long_then_what_it_took_is_given_back)
{
    feed_long_text();
    redisReply *r = next();
    cr_assert_eq(r->len, LONG_TEXT);
    cr_assert_eq(r->str[LONG_TEXT - 1], 'x');
    reader->fn->freeObject(r);
    feed("+OK\r\n");
    r = next();
    cr_assert_str_eq(r->str, "OK");
    cr_assert_lt(arena.used, REPLY_ARENA_BLOCK / 2);
    reader->fn->freeObject(r);
}

Test(reply_arena, test_reply_after_reply_uses_the_same_memory)
{
    feed("$3\r\none\r\n$3\r\ntwo\r\n");
    redisReply *first = next();
    const char *at = first->str;
    reader->fn->freeObject(first);
    redisReply *second = next();
    cr_assert_eq(second->str, at);
    cr_assert_str_eq(second->str, "two");
    reader->fn->freeObject(second);
}
