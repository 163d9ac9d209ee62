/* Options: the gateway's settings, read-only once the program runs.
 *
 * Owner: main. Threads: written before threads start, read by all. */
#ifndef LONGHAUL_GATEWAY_OPTIONS_H
#define LONGHAUL_GATEWAY_OPTIONS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/options.h"
#include "gateway/access_options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BROKERS_MAX = 16,
    THREADS_MAX = 64,
    LISTEN_TEXT_SIZE = 64,
    IDLE_TIMEOUT_S_MIN = 20, /* as long as a request may take to arrive (gateway/idlers.h) */
};

/* Comma-separated text as items. `items` point into `text`, which is owned. */
struct text_list {
    const char *items[BROKERS_MAX];
    size_t count;
    char *text;
};

struct gateway_config {
    const char *listen, *admin_listen;
    const char *brokers_text, *events_text;
    const char *redis_socket, *redis_host, *redis_user, *redis_password;
    const char *store, *link_secret, *link_secret_old, *public_url, *web_dir;
    int64_t redis_port, shard, threads, link_ttl_s, heartbeat_s, drain_s, idle_timeout_s;
    int64_t connections_max;
    bool allow_simulate, insecure, verbose, admin_changes;
    const char *admin_hosts; /* names joined by ','; NULL: none */
    struct access_options access;

    /* derived by config_check */
    struct text_list brokers, events;
    const char *store_dir; /* of file:DIR; NULL: no store */
};

/* Fills `config` (zeroed). `message` is for people when the outcome is not OPTIONS_RUN. */
enum options_outcome config_parse(int argc, char *const *argv, struct gateway_config *config,
                                  struct buf *message);
/* What one option cannot see: addresses, lists, what needs --insecure. ERR_INVALID: `message` says
 * why (exit 2); ERR_DENIED: refused for safety (exit 1). */
MUST_CHECK enum err config_check(struct gateway_config *config, struct buf *message);
void config_clear(struct gateway_config *config);

#endif
