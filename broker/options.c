#include "broker/options.h"

#include "base/ids.h"
#include "core/job.h"

#include <arpa/inet.h>
#include <string.h>

#define AT(field) offsetof(struct broker_options, field)
#define YEAR_S 31536000

static const struct option_def DEFS[] = {
    {"bind-requests", OPTION_TEXT, AT(bind_requests), NULL, 0, 0, "ENDPOINT",
     "where gateways and workers connect: ipc://PATH or tcp://ADDRESS:PORT (required)"},
    {"bind-events", OPTION_TEXT, AT(bind_events), NULL, 0, 0, "ENDPOINT",
     "where gateways subscribe to events (required)"},
    {"redis-socket", OPTION_TEXT, AT(redis_socket), NULL, 0, 0, "PATH",
     "Redis' unix socket; without it host and port are used"},
    {"redis-host", OPTION_TEXT, AT(redis_host), "127.0.0.1", 0, 0, "ADDRESS", "Redis' IP address"},
    {"redis-port", OPTION_NUMBER, AT(redis_port), "6379", 1, 65535, "N", "Redis' port"},
    {"redis-user", OPTION_TEXT, AT(redis_user), NULL, 0, 0, "NAME", "Redis ACL user"},
    {"redis-password", OPTION_SECRET, AT(redis_password), NULL, 0, 0, "TEXT", "Redis password"},
    {"fsync", OPTION_TEXT, AT(fsync), "always", 0, 0, "POLICY",
     "least durability that Redis must have: always or everysec"},
    {"broker-id", OPTION_TEXT, AT(broker_id), NULL, 0, 0, "NAME",
     "name in records and logs; must differ between brokers (default: random)"},
    {"shard", OPTION_NUMBER, AT(shard), "0", 0, SHARD_MAX, "N", "shard of the job ids"},
    {"queue-max", OPTION_NUMBER, AT(queue_max), "100000", 1, 100000000, "N", "waiting jobs"},
    {"user-active-max", OPTION_NUMBER, AT(user_active_max), "100", 0, 100000000, "N",
     "active jobs of a named user; 0: no limit"},
    {"user-running-max", OPTION_NUMBER, AT(user_running_max), "0", 0, 100000000, "N",
     "running jobs of a named user; 0: no limit"},
    {"idempotency-ttl-s", OPTION_NUMBER, AT(idempotency_ttl_s), "86400", 1, YEAR_S, "S",
     "how long an Idempotency-Key is kept, seconds"},
    {"artifact-ttl-s", OPTION_NUMBER, AT(artifact_ttl_s), "86400", 1, YEAR_S, "S",
     "how long an artifact is kept, seconds"},
    {"record-ttl-s", OPTION_NUMBER, AT(record_ttl_s), "604800", 1, YEAR_S, "S",
     "how long the record of an ended job is kept, seconds"},
    {"insecure", OPTION_FLAG, AT(insecure), NULL, 0, 0, NULL,
     "allow tcp:// endpoints without CURVE"},
};

const struct option_table BROKER_OPTIONS = {
    .program = "longhaul-broker",
    .summary = "takes jobs from gateways and hands them to workers",
    .defs = DEFS,
    .count = sizeof DEFS / sizeof DEFS[0],
};

static enum err refuse(struct buf *message, const char *option, const char *why)
{
    (void)buf_printf(message, "longhaul-broker: --%s %s\n", option, why);
    return ERR_INVALID;
}

static enum err check_endpoint(const struct broker_options *o, const char *option,
                               const char *endpoint, struct buf *message)
{
    if (endpoint == NULL || endpoint[0] == '\0') {
        return refuse(message, option, "is required");
    }
    const struct span text = span_of(endpoint);
    if (span_starts(text, SPAN("tcp://"))) {
        return o->insecure ? ERR_OK
                           : refuse(message, option,
                                    "needs CURVE, which this build does not offer yet; pass "
                                    "--insecure to run plain tcp");
    }
    return span_starts(text, SPAN("ipc://")) ? ERR_OK
                                             : refuse(message, option, "must be ipc:// or tcp://");
}

static enum err check_redis(const struct broker_options *o, struct buf *message)
{
    struct in6_addr address;
    if (o->redis_socket == NULL && inet_pton(AF_INET, o->redis_host, &address) != 1 &&
        inet_pton(AF_INET6, o->redis_host, &address) != 1) {
        return refuse(message, "redis-host", "must be an IP address: a name lookup would block");
    }
    if (strcmp(o->fsync, "always") != 0 && strcmp(o->fsync, "everysec") != 0) {
        return refuse(message, "fsync", "must be always or everysec");
    }
    return ERR_OK;
}

static enum err check_broker_id(const struct broker_options *o, struct buf *message)
{
    if (o->broker_id == NULL) {
        return ERR_OK;
    }
    const size_t len = strlen(o->broker_id);
    if (len == 0 || len > JOB_WORKER_ID_MAX) {
        return refuse(message, "broker-id", "must have 1 to 64 characters");
    }
    for (size_t i = 0; i < len; i++) {
        if (o->broker_id[i] <= ' ' || o->broker_id[i] > '~') {
            return refuse(message, "broker-id", "must be visible ASCII");
        }
    }
    return ERR_OK;
}

enum err broker_options_check(const struct broker_options *o, struct buf *message)
{
    TRY(check_endpoint(o, "bind-requests", o->bind_requests, message));
    TRY(check_endpoint(o, "bind-events", o->bind_events, message));
    TRY(check_redis(o, message));
    return check_broker_id(o, message);
}
