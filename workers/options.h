/* Options of longhaul-worker: as given (worker_options), and as checked and parsed (worker_config).
 */
#ifndef LONGHAUL_WORKERS_OPTIONS_H
#define LONGHAUL_WORKERS_OPTIONS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/options.h"
#include "core/address.h"
#include "core/transfer_rules.h"
#include "workers/dealer.h"
#include "workers/link.h"
#include "workers/pool.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct worker_options {
    const char *brokers, *worker_id, *store, *files, *catalog, *source_allow, *source_root;
    const char *class_timeouts;
    bool allow_simulate, insecure;
    int64_t slots, pool_threads, pack_threads, stall_s, stall_bytes, drain_s, source_bytes_max;
    int64_t spool_bytes_max;
};

enum catalog_kind { CATALOG_NONE, CATALOG_FILES, CATALOG_LINES, CATALOG_TEMPLATE };

/* Text is borrowed from the options. */
struct worker_config {
    char brokers[LINK_BROKERS_MAX][DEALER_ENDPOINT_SIZE];
    size_t brokers_count;
    const char *worker_id;
    const char *store_dir;
    enum catalog_kind catalog_kind;
    const char *catalog;     /* folder, file or template, by kind */
    const char *source_root; /* NULL: no file: sources */
    struct cidr_list source_allow;
    struct class_timeouts class_timeouts;
    bool allow_simulate;
    size_t slots;
    unsigned pool_threads, pack_threads;
    int64_t stall_ms, drain_ms;
    uint64_t stall_bytes, source_bytes_max, spool_bytes_max;
};

extern const struct option_table worker_option_table;

/* ERR_INVALID: `message` says which option is wrong and why. */
MUST_CHECK enum err worker_config_check(const struct worker_options *o, struct worker_config *out,
                                        struct buf *message);

#endif
