#include "ports/records_private.h"

#include "base/log.h"

#include <hiredis/hiredis.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum err records_new(struct redis_conn *conn, const struct records_config *config,
                     struct records **out)
{
    struct records *r = calloc(1, sizeof(*r));
    if (r == NULL) {
        return ERR_NOMEM;
    }
    r->conn = conn;
    r->config = *config;
    r->version = records_embedded_version();
    (void)snprintf(r->ns, sizeof(r->ns), "lh:{%u}:", config->shard);
    for (size_t i = 0; i < RECORDS_CALLS_MAX; i++) {
        r->calls[i].records = r;
        r->calls[i].next = r->free_calls;
        r->free_calls = &r->calls[i];
    }
    buf_init(&r->scratch, RECORDS_SCRATCH_MAX);
    const enum err e = buf_reserve(&r->scratch, RECORDS_SCRATCH_MAX);
    if (e != ERR_OK) {
        records_destroy(&r);
        return e;
    }
    *out = r;
    return ERR_OK;
}

void records_destroy(struct records **r)
{
    if (*r == NULL) {
        return;
    }
    buf_clear(&(*r)->scratch);
    free(*r);
    *r = NULL;
}

void records_channel(const struct records *r, char *out, size_t cap)
{
    (void)snprintf(out, cap, "%swake", r->ns);
}

/* ---- arguments */

void records_begin(struct records *r, const char *function)
{
    buf_reset(&r->scratch);
    r->args_count = 0;
    r->args_error = ERR_OK;
    records_arg(r, SPAN("FCALL"));
    records_arg(r, span_of(function));
    records_arg(r, SPAN("1"));
    records_arg(r, span_of(r->ns));
    records_arg(r, SPAN("0")); /* Redis' own clock */
}

void records_arg(struct records *r, struct span s)
{
    if (r->args_count == RECORDS_ARGS_MAX) {
        r->args_error = ERR_TOO_LARGE;
        return;
    }
    r->args[r->args_count++] = s;
}

/* What was appended to the scratch buffer since `start` is the next argument. */
static void arg_since(struct records *r, size_t start)
{
    if (buf_error(&r->scratch) != ERR_OK) {
        r->args_error = ERR_TOO_LARGE;
        return;
    }
    records_arg(r, (struct span){r->scratch.data + start, r->scratch.len - start});
}

void records_arg_u64(struct records *r, uint64_t n)
{
    const size_t start = r->scratch.len;
    (void)buf_u64(&r->scratch, n);
    arg_since(r, start);
}

void records_arg_i64(struct records *r, int64_t n)
{
    const size_t start = r->scratch.len;
    (void)buf_i64(&r->scratch, n);
    arg_since(r, start);
}

static void put_hex(struct records *r, struct span bytes)
{
    char hex[2 * SHA256_SIZE + 1];
    if (bytes.len > SHA256_SIZE) {
        r->args_error = ERR_TOO_LARGE;
        return;
    }
    hex_encode(bytes.ptr, bytes.len, hex);
    (void)buf_append(&r->scratch, hex, 2 * bytes.len);
}

void records_arg_hex(struct records *r, struct span bytes)
{
    const size_t start = r->scratch.len;
    put_hex(r, bytes);
    arg_since(r, start);
}

void records_arg_owned_hex(struct records *r, struct span owner, struct span bytes)
{
    const size_t start = r->scratch.len;
    (void)buf_append(&r->scratch, owner.ptr, owner.len);
    (void)buf_char(&r->scratch, ':');
    put_hex(r, bytes);
    arg_since(r, start);
}

/* ---- sending, and what came back */

static void on_reloaded(void *context, const struct redisReply *reply)
{
    struct records *r = context;
    r->reloading = false;
    if (reply != NULL && reply->type == REDIS_REPLY_ERROR) {
        log_error("redis.functions", "could not be loaded: %.*s", (int)reply->len, reply->str);
    }
}

/* Somebody flushed the functions under a live connection: they are ours to bring back. */
static void reload(struct records *r)
{
    if (r->reloading || r->prepare.active) {
        return;
    }
    log_warn("redis.functions", "missing, loading version %" PRIu64, r->version);
    r->reloading = records_load(r, on_reloaded) == ERR_OK;
}

static void on_reply(void *context, const struct redisReply *reply)
{
    struct records_call *slot = context;
    const struct records_call call = *slot;
    struct records *r = call.records;
    slot->next = r->free_calls;
    r->free_calls = slot;
    enum err err = reply != NULL ? ERR_OK : ERR_UNAVAILABLE;
    if (reply != NULL && reply->type == REDIS_REPLY_ERROR) {
        err = records_error(reply);
        if (records_function_missing(reply)) {
            reload(r);
        } else if (err == ERR_INTERNAL) {
            log_error("redis.refused", "%s: %.*s", call.function, (int)reply->len, reply->str);
        }
    }
    call.parse(r, &call, err, err == ERR_OK ? reply : NULL);
}

enum err records_send(struct records *r, const char *function, const struct records_next *next)
{
    TRY(r->args_error);
    struct records_call *call = r->free_calls;
    if (call == NULL) {
        return ERR_FULL;
    }
    TRY(redis_conn_command(r->conn, r->args, r->args_count, on_reply, call));
    r->free_calls = call->next;
    call->function = function;
    call->parse = next->parse;
    call->done = next->done;
    call->context = next->context;
    call->count = next->count;
    call->offered = next->offered;
    return ERR_OK;
}
