/* World: the real thing and the model, driven by the same calls and the same clock. The first
 * difference fails the test with the seed, the step and what led to it. */
#ifndef LONGHAUL_TESTS_MODEL_WORLD_H
#define LONGHAUL_TESTS_MODEL_WORLD_H

#include "tests/model/model.h"
#include "tests/model/redis_side.h"

#include <stdint.h>

enum { WORLD_ARGS_MAX = 3000, WORLD_ARG_SIZE = 136, WORLD_TRACE = 400 };

struct world {
    struct redis_side redis;
    struct model *model;
    int64_t now_ms;
    unsigned seed;
    size_t step;
    char *trace[WORLD_TRACE]; /* a ring of the last calls and replies */
    /* the call being put together */
    const char *function;
    const char *argv[WORLD_ARGS_MAX];
    char args[WORLD_ARGS_MAX][WORLD_ARG_SIZE];
    size_t argc;
    struct buf reply; /* of the last call */
};

struct world *world_open(void);
void world_close(struct world **w);
void world_reset(struct world *w, unsigned seed); /* both sides empty */

/* world_begin puts the time first; then the arguments; then world_run compares both replies. */
void world_begin(struct world *w, const char *function);
void world_text(struct world *w, const char *text);
void world_number(struct world *w, int64_t n);
const char *world_run(struct world *w);
/* Only against Redis, for what the model does not have (audit, bad arguments). */
const char *world_run_real(struct world *w);
/* One call in one line: arguments after the time, separated by spaces; "''" is empty. */
const char *world_call(struct world *w, const char *function, const char *arguments);

void world_compare(struct world *w);               /* the whole state, field by field */
void world_do(struct world *w, const char *words); /* a raw command, on Redis only */

#endif
