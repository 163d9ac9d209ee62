#include "tests/model/world.h"

#include "base/siphash.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPLY_MAX = 1 << 20, DUMP_MAX = 1 << 24, LINES_MAX = 1 << 17 };

struct world *world_open(void)
{
    struct world *w = calloc(1, sizeof(*w));
    cr_assert_not_null(w);
    redis_side_open(&w->redis);
    buf_init(&w->reply, REPLY_MAX);
    w->model = model_new();
    world_reset(w, 0);
    return w;
}

void world_close(struct world **w)
{
    redis_side_close(&(*w)->redis);
    model_destroy(&(*w)->model);
    buf_clear(&(*w)->reply);
    for (size_t i = 0; i < WORLD_TRACE; i++) {
        free((*w)->trace[i]);
    }
    free(*w);
    *w = NULL;
}

void world_reset(struct world *w, unsigned seed)
{
    model_destroy(&w->model);
    w->model = model_new();
    w->now_ms = INT64_C(1767000000000);
    w->seed = seed;
    w->step = 0;
    world_do(w, "FLUSHALL");
}

void world_begin(struct world *w, const char *function)
{
    w->function = function;
    w->argc = 0;
    world_number(w, w->now_ms);
}

void world_text(struct world *w, const char *text)
{
    cr_assert(w->argc < WORLD_ARGS_MAX);
    model_copy(w->args[w->argc], WORLD_ARG_SIZE, text);
    w->argv[w->argc] = w->args[w->argc];
    w->argc++;
}

void world_number(struct world *w, int64_t n)
{
    char text[32];
    (void)snprintf(text, sizeof(text), "%" PRId64, n);
    world_text(w, text);
}

static void trace_add(struct world *w, const char *reply)
{
    struct buf b;
    char **slot = &w->trace[w->step % WORLD_TRACE];
    buf_init(&b, REPLY_MAX);
    (void)buf_printf(&b, "%zu %s", w->step, w->function);
    for (size_t i = 0; i < w->argc; i++) {
        (void)buf_printf(&b, " %s", w->argv[i][0] != '\0' ? w->argv[i] : "''");
    }
    (void)buf_printf(&b, " -> %s%c", reply, 0);
    free(*slot);
    *slot = b.data; /* ends in NUL */
    w->step++;
}

/* The calls of the last steps that name the id, or all of a few if no id is known. */
static void trace_print(const struct world *w, const char *id)
{
    (void)fprintf(stderr, "seed %u step %zu; what named %s before:\n", w->seed, w->step,
                  id != NULL ? id : "anything");
    for (size_t i = w->step > WORLD_TRACE ? w->step - WORLD_TRACE : 0; i < w->step; i++) {
        const char *line = w->trace[i % WORLD_TRACE];
        const bool wanted = id != NULL ? strstr(line, id) != NULL : i + 12 >= w->step;
        if (wanted) {
            (void)fprintf(stderr, "  %.600s\n", line);
        }
    }
}

const char *world_run_real(struct world *w)
{
    buf_reset(&w->reply);
    redis_side_call(&w->redis, w->function, w->argv, w->argc, &w->reply);
    (void)buf_append(&w->reply, "", 1);
    cr_assert(buf_error(&w->reply) == ERR_OK);
    trace_add(w, w->reply.data);
    return w->reply.data;
}

const char *world_run(struct world *w)
{
    struct buf expected;
    buf_init(&expected, REPLY_MAX);
    const char *real = world_run_real(w);
    model_call(w->model, w->function, w->argv, w->argc, &expected);
    (void)buf_append(&expected, "", 1);
    if (strcmp(expected.data, real) != 0) {
        trace_print(w, NULL);
        cr_assert_fail("seed %u step %zu %s:\n  redis %s\n  model %s", w->seed, w->step,
                       w->function, real, expected.data);
    }
    buf_clear(&expected);
    return real;
}

const char *world_call(struct world *w, const char *function, const char *arguments)
{
    char text[4096], *rest = text;
    model_copy(text, sizeof(text), arguments);
    world_begin(w, function);
    for (char *word = strsep(&rest, " "); word != NULL; word = strsep(&rest, " ")) {
        world_text(w, strcmp(word, "''") == 0 ? "" : word);
    }
    return world_run(w);
}

void world_do(struct world *w, const char *words)
{
    buf_reset(&w->reply);
    redis_side_do(&w->redis, words, &w->reply);
    (void)buf_append(&w->reply, "", 1);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t lines_of(struct buf *b, char **lines)
{
    size_t n = 0;
    (void)buf_append(b, "", 1);
    cr_assert(buf_error(b) == ERR_OK);
    char *rest = b->data;
    for (char *l = strsep(&rest, "\n"); l != NULL && l[0] != '\0'; l = strsep(&rest, "\n")) {
        cr_assert(n < LINES_MAX);
        lines[n++] = l;
    }
    qsort(lines, n, sizeof(lines[0]), by_text);
    return n;
}

/* The id in "download:job:<id>\t…" or in the member of another key. */
static void fail_at(const struct world *w, const char *real, const char *expected)
{
    const char *line = real != NULL ? real : expected;
    const char *at = strncmp(line, JOB_KEY_PREFIX, strlen(JOB_KEY_PREFIX)) == 0
                         ? line + strlen(JOB_KEY_PREFIX)
                         : strchr(line, '\t') + 1;
    char id[JOB_ID_SIZE] = "";
    (void)snprintf(id, sizeof(id), "%.*s", (int)strcspn(at, "\t"), at);
    trace_print(w, id);
    cr_assert_fail("seed %u step %zu, the state differs:\n  redis %s\n  model %s", w->seed, w->step,
                   real != NULL ? real : "(nothing)", expected != NULL ? expected : "(nothing)");
}

/* Of lines in any order. Two dumps that differ have the same one with a chance of 2^-64. */
static uint64_t fingerprint(const struct buf *b)
{
    static const struct siphash_key key = {0x6c6f6e676861756c, 0x6d6f64656c};
    struct span line, rest = buf_as_span(b);
    uint64_t sum = 0;
    while (rest.len > 0) {
        (void)span_cut(rest, '\n', &line, &rest);
        sum += siphash(&key, line);
    }
    return sum;
}

/* Sorts both and fails at the first line that only one of them has. */
static void fail_where_they_differ(const struct world *w, struct buf *real, struct buf *expected)
{
    char **a = calloc(2 * LINES_MAX, sizeof(char *)), **b = a + LINES_MAX;
    cr_assert_not_null(a);
    const size_t na = lines_of(real, a), nb = lines_of(expected, b);
    for (size_t i = 0; i < na || i < nb; i++) {
        const char *x = i < na ? a[i] : NULL, *y = i < nb ? b[i] : NULL;
        if (x == NULL || y == NULL || strcmp(x, y) != 0) {
            fail_at(w, x, y);
        }
    }
    free(a);
    cr_assert_fail("the fingerprints differ, and no line does");
}

void world_compare(struct world *w)
{
    struct buf real, expected;
    buf_init(&real, DUMP_MAX);
    buf_init(&expected, DUMP_MAX);
    redis_side_dump(&w->redis, &real);
    model_dump(w->model, &expected);
    cr_assert(buf_error(&real) == ERR_OK && buf_error(&expected) == ERR_OK);
    if (fingerprint(&real) != fingerprint(&expected)) { /* sorting takes most of the time */
        fail_where_they_differ(w, &real, &expected);
    }
    buf_clear(&real);
    buf_clear(&expected);
}
