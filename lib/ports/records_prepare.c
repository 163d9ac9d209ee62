/* Is this Redis what was declared, and are our functions there? Asked step by step at each
 * connection: INFO, CONFIG GET, lh_version, FUNCTION LOAD. Each step sends the next. */
#include "base/log.h"
#include "ports/functions_lua.h"
#include "ports/records_private.h"

#include <hiredis/hiredis.h>

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { REDIS_MAJOR_MIN = 7 };

/* ---- the end */

static void finish(struct records *r, enum err err)
{
    const struct records_prepare p = r->prepare;
    r->prepare.active = false;
    const struct span problem = err != ERR_OK ? span_of(p.problem) : (struct span){0};
    p.done(p.context, err, problem);
}

/* Redis answers, but not yet as it should: it loads, or follows a master that it has lost. */
static void wait_for(struct records *r, struct span why)
{
    (void)snprintf(r->prepare.problem, sizeof(r->prepare.problem), "%.*s", SPAN_ARG(why));
    finish(r, ERR_UNAVAILABLE);
}

__attribute__((format(printf, 2, 3))) static void deny(struct records *r, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(r->prepare.problem, sizeof(r->prepare.problem), format, args);
    va_end(args);
    finish(r, ERR_DENIED);
}

static void next_step(struct records *r, const struct span *argv, size_t argc,
                      redis_on_reply *reply)
{
    const enum err e = redis_conn_command(r->conn, argv, argc, reply, r);
    if (e != ERR_OK) {
        finish(r, e);
    }
}

/* True if the step's reply is one to go on with; otherwise preparing has ended. */
static bool goes_on(struct records *r, const struct redisReply *reply)
{
    if (reply == NULL) {
        finish(r, ERR_UNAVAILABLE);
        return false;
    }
    if (reply->type == REDIS_REPLY_ERROR && records_error(reply) == ERR_UNAVAILABLE &&
        !records_function_missing(reply)) {
        wait_for(r, (struct span){reply->str, reply->len});
        return false;
    }
    return true;
}

/* ---- functions */

uint64_t records_embedded_version(void)
{
    static const char mark[] = "\nlocal VERSION = ";
    const char *at = strstr(functions_lua, mark);
    assert(at != NULL); /* it is our own file, compiled in */
    struct span digits = {at + sizeof(mark) - 1, 0};
    while (digits.ptr[digits.len] >= '0' && digits.ptr[digits.len] <= '9') {
        digits.len++;
    }
    uint64_t version = 0;
    const enum err e = span_to_u64(digits, &version);
    assert(e == ERR_OK);
    return version;
}

enum err records_load(struct records *r, redis_on_reply *reply)
{
    const struct span argv[] = {
        SPAN("FUNCTION"), SPAN("LOAD"), SPAN("REPLACE"), {functions_lua, functions_lua_len}};
    return redis_conn_command(r->conn, argv, 4, reply, r);
}

static void on_loaded(void *context, const struct redisReply *reply)
{
    struct records *r = context;
    if (!goes_on(r, reply)) {
        return;
    }
    if (reply->type == REDIS_REPLY_ERROR) {
        deny(r, "Redis refuses our functions (FUNCTION LOAD): %.*s", (int)reply->len, reply->str);
        return;
    }
    log_info("redis.functions", "version %" PRIu64 " loaded", r->version);
    finish(r, ERR_OK);
}

static void load(struct records *r)
{
    const enum err e = records_load(r, on_loaded);
    if (e != ERR_OK) {
        finish(r, e);
    }
}

static void on_version(void *context, const struct redisReply *reply)
{
    struct records *r = context;
    if (!goes_on(r, reply)) {
        return;
    }
    uint64_t version = 0;
    if (records_u64(reply, &version)) {
        /* A newer broker was here: its functions serve older callers too. */
        if (version >= r->version) {
            finish(r, ERR_OK);
        } else {
            load(r);
        }
    } else if (reply->type == REDIS_REPLY_ERROR && records_function_missing(reply)) {
        load(r);
    } else {
        deny(r, "Redis refuses to call our functions (FCALL lh_version): %.*s", (int)reply->len,
             reply->str != NULL ? reply->str : "");
    }
}

static void ask_version(struct records *r)
{
    const struct span argv[] = {SPAN("FCALL"), SPAN("lh_version"), SPAN("0")};
    next_step(r, argv, 3, on_version);
}

/* ---- what was declared */

struct declared {
    struct span policy, appendonly, fsync, rewrite; /* rewrite: no-appendfsync-on-rewrite */
};

static void judge(struct records *r, const struct declared *d)
{
    const struct span fsync = d->fsync;
    const bool always = span_eq(fsync, SPAN("always"));
    if (!span_eq(d->policy, SPAN("noeviction"))) {
        deny(r, "Redis' maxmemory-policy is %.*s: jobs could vanish; set it to noeviction",
             SPAN_ARG(d->policy));
    } else if (!span_eq(d->appendonly, SPAN("yes"))) {
        deny(r, "Redis' appendonly is %.*s: accepted jobs would not survive; set it to yes",
             SPAN_ARG(d->appendonly));
    } else if (!span_eq(d->rewrite, SPAN("no"))) {
        deny(r,
             "Redis' no-appendfsync-on-rewrite is %.*s: nothing would be synced while the log is "
             "rewritten; set it to no",
             SPAN_ARG(d->rewrite));
    } else if (r->prepare.fsync_always && !always) {
        deny(r, "Redis' appendfsync is %.*s, but always was declared: set it, or declare everysec",
             SPAN_ARG(fsync));
    } else if (!always && !span_eq(fsync, SPAN("everysec"))) {
        deny(r, "Redis' appendfsync is %.*s: set it to everysec or always", SPAN_ARG(fsync));
    } else {
        ask_version(r);
    }
}

/* The value of `name` in CONFIG GET's flat reply. */
static struct span config_value(const struct redisReply *reply, struct span name)
{
    struct span key, value = {0};
    for (size_t i = 0; i + 1 < reply->elements; i += 2) {
        if (records_text(reply->element[i], &key) && span_eq_nocase(key, name) &&
            records_text(reply->element[i + 1], &value)) {
            return value;
        }
    }
    return SPAN("unknown");
}

static void on_config(void *context, const struct redisReply *reply)
{
    struct records *r = context;
    if (!goes_on(r, reply)) {
        return;
    }
    if (reply->type == REDIS_REPLY_ARRAY && reply->elements > 0) {
        const struct declared d = {
            .policy = config_value(reply, SPAN("maxmemory-policy")),
            .appendonly = config_value(reply, SPAN("appendonly")),
            .fsync = config_value(reply, SPAN("appendfsync")),
            .rewrite = config_value(reply, SPAN("no-appendfsync-on-rewrite")),
        };
        judge(r, &d);
        return;
    }
    log_warn("redis.unchecked", "CONFIG is not permitted, so appendfsync cannot be checked: it is "
                                "taken to be as declared");
    const struct declared d = {
        .policy = span_of(r->prepare.policy),
        .appendonly = r->prepare.appendonly ? SPAN("yes") : SPAN("no"),
        .fsync = r->prepare.fsync_always ? SPAN("always") : SPAN("everysec"),
        .rewrite = SPAN("no"),
    };
    judge(r, &d);
}

/* ---- INFO: lines of name:value */

static struct span info_value(struct span info, struct span name)
{
    struct span line, rest = info, key, value;
    while (rest.len > 0) {
        span_cut(rest, '\n', &line, &rest);
        if (span_cut(line, ':', &key, &value) && span_eq(key, name)) {
            const bool cr = value.len > 0 && value.ptr[value.len - 1] == '\r';
            return (struct span){value.ptr, value.len - cr};
        }
    }
    return SPAN("");
}

static bool old_enough(struct span version)
{
    struct span major, rest;
    uint64_t n = 0;
    span_cut(version, '.', &major, &rest);
    return span_to_u64(major, &n) == ERR_OK && n >= REDIS_MAJOR_MIN;
}

static void on_info(void *context, const struct redisReply *reply)
{
    struct records *r = context;
    struct span info;
    if (!goes_on(r, reply)) {
        return;
    }
    if (!records_text(reply, &info)) {
        deny(r, "Redis refuses INFO: %.*s", (int)reply->len, reply->str != NULL ? reply->str : "");
        return;
    }
    const struct span version = info_value(info, SPAN("redis_version"));
    if (!old_enough(version)) {
        deny(r, "this is Redis %.*s; 7.0 or newer is needed", SPAN_ARG(version));
        return;
    }
    if (span_eq(info_value(info, SPAN("loading")), SPAN("1"))) {
        wait_for(r, SPAN("Redis is loading its data"));
        return;
    }
    const struct span policy = info_value(info, SPAN("maxmemory_policy"));
    (void)snprintf(r->prepare.policy, sizeof(r->prepare.policy), "%.*s", SPAN_ARG(policy));
    r->prepare.appendonly = span_eq(info_value(info, SPAN("aof_enabled")), SPAN("1"));
    const struct span argv[] = {SPAN("CONFIG"),           SPAN("GET"),
                                SPAN("maxmemory-policy"), SPAN("appendonly"),
                                SPAN("appendfsync"),      SPAN("no-appendfsync-on-rewrite")};
    next_step(r, argv, sizeof argv / sizeof *argv, on_config);
}

enum err records_prepare(struct records *r, bool fsync_always, records_on_ready *done,
                         void *context)
{
    if (r->prepare.active) {
        return ERR_EXISTS;
    }
    const struct span argv[] = {SPAN("INFO")};
    TRY(redis_conn_command(r->conn, argv, 1, on_info, r));
    r->prepare = (struct records_prepare){
        .active = true, .fsync_always = fsync_always, .done = done, .context = context};
    return ERR_OK;
}
