/* Records, inside: how a call is put together, sent, and its reply taken apart.
 *
 * A call is FCALL <function> 1 <ns> <args>. Its arguments are spans: those of the caller are
 * borrowed until redis_conn has copied them, numbers and hex stand in one scratch buffer of fixed
 * size, so nothing is allocated for an item. The interface is documented at the head of
 * ports/functions/. */
#ifndef LONGHAUL_PORTS_RECORDS_PRIVATE_H
#define LONGHAUL_PORTS_RECORDS_PRIVATE_H

#include "base/buf.h"
#include "ports/records.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct redisReply;

enum {
    RECORDS_CALLS_MAX = 256,    /* calls in flight; more answer ERR_FULL */
    RECORDS_ITEM_ARGS_MAX = 10, /* the widest item: a submit */
    RECORDS_HEAD_ARGS_MAX = 16,
    RECORDS_ARGS_MAX = RECORDS_HEAD_ARGS_MAX + RECORDS_BATCH_MAX * (RECORDS_ITEM_ARGS_MAX + 1),
    RECORDS_ITEM_TEXT_MAX = 384, /* bytes of an item's numbers and hex */
    RECORDS_SCRATCH_MAX = 4096 + RECORDS_BATCH_MAX * RECORDS_ITEM_TEXT_MAX,
    RECORDS_CHANGES_MAX = 512, /* of one tick; the functions change at most 200 a step */
    RECORDS_PROBLEM_MAX = 512, /* bytes of text for the operator */
};

typedef void records_any_fn(void); /* a `done` of any kind, until it is called */

struct records_call;
/* Reads a reply that is no error and calls `done`; with another err, `reply` is NULL. */
typedef void records_parse(struct records *r, const struct records_call *call, enum err err,
                           const struct redisReply *reply);

struct records_call {
    struct records *records;
    struct records_call *next; /* free ones */
    const char *function;
    records_parse *parse;
    records_any_fn *done;
    void *context;
    size_t count;   /* items asked for */
    size_t offered; /* workers named by a submit */
};

union records_results { /* one reply at a time is taken apart */
    struct record_submitted submitted[RECORDS_BATCH_MAX];
    struct record_claimed claimed[RECORDS_BATCH_MAX];
    struct record_renewed renewed[RECORDS_BATCH_MAX];
    struct record_progressed progressed[RECORDS_BATCH_MAX];
    struct record_finished finished[RECORDS_BATCH_MAX];
    struct record_change changes[RECORDS_CHANGES_MAX];
    struct span keys[RECORDS_BATCH_MAX];
};

struct records_prepare {
    bool active;
    bool fsync_always;
    records_on_ready *done;
    void *context;
    char policy[32];
    bool appendonly;
    char problem[RECORDS_PROBLEM_MAX];
};

struct records {
    struct redis_conn *conn; /* borrowed */
    struct records_config config;
    char ns[24];
    uint64_t version; /* of the embedded functions */
    bool reloading;   /* they were found missing; a load is under way */

    struct span args[RECORDS_ARGS_MAX];
    size_t args_count;
    struct buf scratch; /* reserved once: spans into it stay */
    enum err args_error;

    struct records_call calls[RECORDS_CALLS_MAX];
    struct records_call *free_calls;
    struct records_prepare prepare;
    union records_results results;
};

/* ---- arguments; the first failure sticks and is returned by records_send */
void records_begin(struct records *r, const char *function);
void records_arg(struct records *r, struct span s);
void records_arg_u64(struct records *r, uint64_t n);
void records_arg_i64(struct records *r, int64_t n);
void records_arg_hex(struct records *r, struct span bytes);
void records_arg_owned_hex(struct records *r, struct span owner, struct span bytes); /* owner:hex */

struct records_next {
    records_parse *parse;
    records_any_fn *done;
    void *context;
    size_t count;
    size_t offered;
};
MUST_CHECK enum err records_send(struct records *r, const char *function,
                                 const struct records_next *next);

/* ---- replies */
/* The elements if it is an array of `count` of them (or any number: RECORDS_ANY), else NULL. */
enum { RECORDS_ANY = -1 };
struct redisReply *const *records_array(const struct redisReply *reply, long count);
bool records_int(const struct redisReply *reply, int64_t min, int64_t max, int64_t *out);
bool records_u64(const struct redisReply *reply, uint64_t *out);
bool records_text(const struct redisReply *reply, struct span *out);
bool records_status(const struct redisReply *reply, enum job_status *out);
/* Logs it, for a reply that should not be. */
enum err records_odd(const struct records_call *call);
/* What an error reply means to the caller. */
enum err records_error(const struct redisReply *reply);
bool records_function_missing(const struct redisReply *reply);

/* ---- the function library */
MUST_CHECK enum err records_load(struct records *r, redis_on_reply *reply);
uint64_t records_embedded_version(void);

#endif
