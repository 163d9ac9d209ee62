#include "workers/options.h"

#include "core/catalogue.h"
#include "core/worker_id.h"

#include <string.h>
#include <sys/stat.h>

enum { GIB = 1 << 30 };

#define FIELD(name) offsetof(struct worker_options, name)
#define TEXT(option, field, standard, value, line)                                                 \
    {                                                                                              \
        option, OPTION_TEXT, FIELD(field), standard, 0, 0, value, line                             \
    }
#define NUMBER(option, field, standard, least, most, value, line)                                  \
    {                                                                                              \
        option, OPTION_NUMBER, FIELD(field), standard, least, most, value, line                    \
    }
#define SWITCH(option, field, line)                                                                \
    {                                                                                              \
        option, OPTION_FLAG, FIELD(field), NULL, 0, 0, NULL, line                                  \
    }

static const struct option_def DEFS[] = {
    TEXT("brokers", brokers, NULL, "ENDPOINT,...", "request endpoints of all brokers"),
    TEXT("worker-id", worker_id, NULL, "NAME", "this worker's name, unique among live workers"),
    NUMBER("slots", slots, "8", 1, WIRE_RUNNING_MAX, "N", "jobs at a time"),
    TEXT("store", store, NULL, "file:DIR", "where artifacts are kept"),
    TEXT("files", files, NULL, "DIR", "the catalogue is this folder: ids 1, 2, 3 by name"),
    TEXT("catalog", catalog, NULL, "FILE|URL",
         "the catalogue: JSON lines, or a URL with {file_id}"),
    TEXT("source-allow", source_allow, NULL, "CIDR,...",
         "addresses not public that sources may have"),
    TEXT("source-root", source_root, NULL, "DIR", "file: sources below this folder are allowed"),
    TEXT("class-timeouts", class_timeouts, NULL, "CLASS=S,...",
         "shorter limits of an attempt by class"),
    SWITCH("allow-simulate", allow_simulate, "run simulated jobs"),
    NUMBER("pool-threads", pool_threads, "4", 1, POOL_THREADS_MAX, "N", "threads for disk syncs"),
    NUMBER("pack-threads", pack_threads, "2", 1, POOL_THREADS_MAX, "N", "threads for packing"),
    NUMBER("stall-s", stall_s, "20", 1, 300, "S", "an attempt that does not move so long fails"),
    NUMBER("stall-bytes", stall_bytes, "1024", 1, GIB, "BYTES",
           "moving means so many a second, over stall-s"),
    NUMBER("drain-s", drain_s, "25", 0, 3600, "S",
           "after SIGTERM: finish what finishes in this time"),
    NUMBER("source-bytes-max", source_bytes_max, "107374182400", 1, INT64_MAX, "BYTES",
           "largest file, or files of an archive, to be fetched"),
    NUMBER("spool-bytes-max", spool_bytes_max, "1073741824", 0, INT64_MAX, "BYTES",
           "largest file of a tar that is kept on disk because its source does not say its size"),
    SWITCH("insecure", insecure, "allow tcp:// endpoints without encryption"),
};

const struct option_table worker_option_table = {
    .program = "longhaul-worker",
    .summary = "Fetches files for jobs and stores them.",
    .defs = DEFS,
    .count = sizeof(DEFS) / sizeof(DEFS[0]),
};

static enum err refuse(struct buf *message, const char *text, const char *value)
{
    (void)buf_printf(message, "longhaul-worker: %s%s%s\n", text, value != NULL ? ": " : "",
                     value != NULL ? value : "");
    return ERR_INVALID;
}

static enum err check_endpoint(const struct worker_options *o, struct span endpoint,
                               struct worker_config *out, struct buf *message)
{
    if (out->brokers_count == LINK_BROKERS_MAX) {
        return refuse(message, "--brokers names more than 32", NULL);
    }
    char *copy = out->brokers[out->brokers_count];
    if (span_copy(endpoint, copy, DEALER_ENDPOINT_SIZE) != ERR_OK) {
        return refuse(message, "--brokers has an endpoint that is too long", NULL);
    }
    const bool tcp = span_starts(endpoint, SPAN("tcp://"));
    if (!tcp && !span_starts(endpoint, SPAN("ipc://"))) {
        return refuse(message, "--brokers takes ipc:// and tcp:// endpoints, not", copy);
    }
    if (tcp && !o->insecure) {
        return refuse(message,
                      "tcp:// needs CURVE, which this build does not offer yet; pass --insecure to "
                      "send jobs in the clear",
                      copy);
    }
    out->brokers_count++;
    return ERR_OK;
}

static enum err check_brokers(const struct worker_options *o, struct worker_config *out,
                              struct buf *message)
{
    struct span rest = span_of(o->brokers);
    bool more = rest.len > 0;
    if (!more) {
        return refuse(message, "--brokers is required", NULL);
    }
    while (more) {
        struct span endpoint;
        more = span_cut(rest, ',', &endpoint, &rest);
        TRY(check_endpoint(o, span_trim(endpoint), out, message));
    }
    return ERR_OK;
}

static enum err check_worker_id(const struct worker_options *o, struct worker_config *out,
                                struct buf *message)
{
    const char *id = o->worker_id;
    if (id == NULL || id[0] == '\0') {
        return refuse(message, "--worker-id is required", NULL);
    }
    if (!worker_id_valid(span_of(id))) {
        return refuse(message,
                      "--worker-id takes 1 to 64 letters, digits, '.', '_', '-', no '.' first", id);
    }
    out->worker_id = id;
    return ERR_OK;
}

static enum err check_store(const struct worker_options *o, struct worker_config *out,
                            struct buf *message)
{
    const struct span store = span_of(o->store);
    if (span_starts(store, SPAN("s3:"))) {
        return refuse(message, "--store s3: is not offered by this build yet; use file:DIR", NULL);
    }
    if (!span_starts(store, SPAN("file:")) || store.len == 5) {
        return refuse(message, "--store is required and takes file:DIR", o->store);
    }
    out->store_dir = o->store + 5;
    return ERR_OK;
}

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static enum err check_catalog(const struct worker_options *o, struct worker_config *out,
                              struct buf *message)
{
    struct stat st;
    if (o->files != NULL && o->catalog != NULL) {
        return refuse(message, "--files and --catalog exclude each other", NULL);
    }
    if (o->files != NULL) {
        out->catalog_kind = CATALOG_FILES;
        out->catalog = o->files;
        return is_folder(o->files) ? ERR_OK : refuse(message, "--files is no folder", o->files);
    }
    if (o->catalog == NULL) {
        return ERR_OK; /* simulated jobs only */
    }
    out->catalog = o->catalog;
    if (strchr(o->catalog, '{') != NULL || strstr(o->catalog, "://") != NULL) {
        out->catalog_kind = CATALOG_TEMPLATE;
        return catalogue_template_check(span_of(o->catalog)) == ERR_OK
                   ? ERR_OK
                   : refuse(message, "--catalog needs an http, https or file URL with {file_id}",
                            o->catalog);
    }
    out->catalog_kind = CATALOG_LINES;
    return stat(o->catalog, &st) == 0 && S_ISREG(st.st_mode)
               ? ERR_OK
               : refuse(message, "--catalog is no file", o->catalog);
}

static enum err check_sources(const struct worker_options *o, struct worker_config *out,
                              struct buf *message)
{
    if (cidr_list_parse(span_of(o->source_allow), &out->source_allow) != ERR_OK) {
        return refuse(message, "--source-allow takes at most 64 ranges like 10.0.0.0/8,fd00::/8",
                      o->source_allow);
    }
    if (class_timeouts_parse(span_of(o->class_timeouts), &out->class_timeouts) != ERR_OK) {
        return refuse(message, "--class-timeouts takes name=seconds,... with 10 to 300 seconds",
                      o->class_timeouts);
    }
    if (o->source_root != NULL && (o->source_root[0] != '/' || !is_folder(o->source_root))) {
        return refuse(message, "--source-root takes the absolute path of a folder", o->source_root);
    }
    out->source_root = o->source_root;
    return ERR_OK;
}

enum err worker_config_check(const struct worker_options *o, struct worker_config *out,
                             struct buf *message)
{
    static enum err (*const CHECKS[])(const struct worker_options *o, struct worker_config *out,
                                      struct buf *message) = {
        check_brokers, check_worker_id, check_store, check_catalog, check_sources,
    };
    *out = (struct worker_config){
        .allow_simulate = o->allow_simulate,
        .slots = (size_t)o->slots,
        .pool_threads = (unsigned)o->pool_threads,
        .pack_threads = (unsigned)o->pack_threads,
        .stall_ms = o->stall_s * 1000,
        .stall_bytes = (uint64_t)(o->stall_bytes * o->stall_s),
        .drain_ms = o->drain_s * 1000,
        .source_bytes_max = (uint64_t)o->source_bytes_max,
        .spool_bytes_max = (uint64_t)o->spool_bytes_max,
    };
    for (size_t i = 0; i < sizeof(CHECKS) / sizeof(CHECKS[0]); i++) {
        TRY(CHECKS[i](o, out, message));
    }
    return ERR_OK;
}
