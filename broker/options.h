/* Options of longhaul-broker. */
#ifndef LONGHAUL_BROKER_OPTIONS_H
#define LONGHAUL_BROKER_OPTIONS_H

#include "base/options.h"

#include <stdbool.h>
#include <stdint.h>

struct broker_options {
    const char *bind_requests; /* ROUTER: gateways and workers */
    const char *bind_events;   /* XPUB: gateways */
    const char *redis_socket;  /* NULL: host and port */
    const char *redis_host;
    int64_t redis_port;
    const char *redis_user;
    const char *redis_password; /* secret */
    const char *fsync;          /* always | everysec */
    const char *broker_id;      /* NULL: a random one */
    int64_t shard;
    int64_t queue_max;
    int64_t user_active_max;
    int64_t user_running_max;
    int64_t idempotency_ttl_s;
    int64_t artifact_ttl_s;
    int64_t record_ttl_s;
    bool insecure;
};

extern const struct option_table BROKER_OPTIONS;

/* What the table cannot say. ERR_INVALID with a line for the operator in `message`. */
MUST_CHECK enum err broker_options_check(const struct broker_options *o, struct buf *message);

#endif
