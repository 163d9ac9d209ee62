/* Store: the two connections to Redis, and whether Redis is fit for use. */
#include "broker/broker.h"

#include "base/clock.h"
#include "base/log.h"
#include "broker/claims.h"
#include "broker/commands.h"
#include "broker/renewals.h"

#include <stdio.h>
#include <string.h>

enum { PREPARE_AGAIN_MS = 250, DENIED_AGAIN_MS = 1000, CHANNEL_MAX = 64 };

static void on_prepared(void *context, enum err err, struct span problem)
{
    struct broker *b = context;
    b->preparing = false;
    if (err == ERR_OK) {
        b->prepared = true;
        b->told_unready = false;
        log_info(b->was_prepared ? "broker.ready_again" : "broker.ready",
                 "broker=%s requests=%s events=%s", b->id, b->options->bind_requests,
                 b->options->bind_events);
        b->was_prepared = true;
        renewals_add_all(b);
        claims_hint(b);
        return;
    }
    b->prepare_at_ms = b->now_ms + (err == ERR_DENIED ? DENIED_AGAIN_MS : PREPARE_AGAIN_MS);
    if (err != ERR_DENIED) {
        if (problem.len > 0 && !b->told_unready) { /* once: it is asked several times a second */
            b->told_unready = true;
            log_warn("redis.not_ready", "%.*s", SPAN_ARG(problem));
        }
        return;
    }
    log_error("redis.refused", "%.*s", SPAN_ARG(problem));
    if (!b->was_prepared) { /* later it may be a restart that somebody is still repairing */
        (void)fprintf(stderr, "longhaul-broker: %.*s\n", SPAN_ARG(problem));
        broker_stop(b, 1);
    }
}

static void prepare(struct broker *b)
{
    if (redis_conn_up(b->redis) && !b->prepared && !b->preparing && b->now_ms >= b->prepare_at_ms) {
        const bool always = strcmp(b->options->fsync, "always") == 0;
        b->preparing = records_prepare(b->records, always, on_prepared, b) == ERR_OK;
    }
}

static void on_up(void *context)
{
    struct broker *b = context;
    b->prepare_at_ms = b->now_ms;
    prepare(b);
}

static void on_down(void *context)
{
    struct broker *b = context;
    b->prepared = b->preparing = false;
}

static void on_wake(void *context, struct span payload)
{
    struct broker *b = context;
    struct span word;
    struct span rest;
    (void)span_cut(payload, ' ', &word, &rest);
    if (span_eq(word, SPAN("ready"))) {
        if (!span_eq(rest, span_of(b->id))) { /* what we left there ourselves is counted */
            claims_hint(b);
        }
    } else if (span_eq(word, SPAN("abort"))) {
        commands_abort(b, rest);
    }
}

static void on_wake_up(void *context)
{
    struct broker *b = context;
    char channel[CHANNEL_MAX];
    records_channel(b->records, channel, sizeof channel);
    const enum err err = redis_conn_subscribe(b->wake, span_of(channel), on_wake, b);
    if (err != ERR_OK) {
        log_error("redis.subscribe", "%s", err_name(err));
    }
    /* An abort may have been said while nobody listened: renewals find it. */
    renewals_add_all(b);
    claims_hint(b);
}

/* Nothing to do: redis_conn comes back by itself, and on_wake_up makes up for what was missed. */
static void on_wake_down(void *context)
{
    (void)context;
}

static enum err open_records(struct broker *b)
{
    const struct broker_options *o = b->options;
    const struct records_config config = {
        .shard = (unsigned)o->shard,
        .broker_id = b->id,
        .queue_max = (uint64_t)o->queue_max,
        .user_active_max = (uint64_t)o->user_active_max,
        .user_running_max = (uint64_t)o->user_running_max,
        .idempotency_ttl_ms = o->idempotency_ttl_s * 1000,
        .artifact_ttl_ms = o->artifact_ttl_s * 1000,
        .record_ttl_ms = o->record_ttl_s * 1000,
    };
    return records_new(b->redis, &config, &b->records);
}

enum err store_open(struct broker *b)
{
    const struct redis_conn_config config = {
        .socket_path = b->options->redis_socket,
        .host = b->options->redis_host,
        .port = (int)b->options->redis_port,
        .username = b->options->redis_user,
        .password = b->options->redis_password,
        .timeout_ms = BROKER_REDIS_TIMEOUT_MS,
        .in_flight_max = BROKER_REDIS_IN_FLIGHT_MAX,
    };
    const struct redis_loop loop = redis_loop_port(&b->redis_loop);
    const struct redis_conn_events calls = {.context = b, .up = on_up, .down = on_down};
    const struct redis_conn_events wake = {.context = b, .up = on_wake_up, .down = on_wake_down};
    TRY(redis_conn_open(&config, &loop, &calls, &b->redis));
    TRY(open_records(b));
    return redis_conn_open(&config, &loop, &wake, &b->wake);
}

void store_close(struct broker *b)
{
    if (b->wake != NULL) {
        redis_conn_close(&b->wake);
    }
    if (b->redis != NULL) {
        redis_conn_close(&b->redis);
    }
    records_destroy(&b->records);
}

void store_beat(struct broker *b)
{
    redis_conn_tick(b->redis, b->now_ms);
    redis_conn_tick(b->wake, b->now_ms);
    prepare(b);
}
