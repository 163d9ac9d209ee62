#include "base/ids.h"
#include "base/log.h"
#include "workers/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

static struct link_state link_state_of(void *context)
{
    struct worker *w = context;
    struct link_state s = {
        .slots = w->runs.slots, .draining = w->drain != DRAIN_NONE, .drained = w->drained};
    s.free_slots = s.draining || s.drained ? 0 : runs_free_slots(&w->runs);
    s.running_count = runs_named(&w->runs, &s.running);
    return s;
}

/* At a new broker: what was not acknowledged is said again at once. */
static void on_joined(void *context)
{
    struct worker *w = context;
    for (struct list *l = w->runs.reports.next; l != &w->runs.reports; l = l->next) {
        LIST_ENTRY(l, struct run, reports_link)->repeat_ms = w->now_ms;
    }
}

static enum err open_store(struct worker *w)
{
    const struct worker_config *c = w->config;
    const enum err err = file_store_open(c->store_dir, c->worker_id, &w->store);
    if (err == ERR_EXISTS) {
        log_error("store.refused", "dir=%s: another process works there as worker %s", c->store_dir,
                  c->worker_id);
    } else if (err != ERR_OK) {
        log_error("store.refused", "dir=%s: %s", c->store_dir, strerror(errno));
    }
    TRY(err);
    TRY(pool_new(c->pool_threads, &w->pool));
    TRY(pool_new(c->pack_threads, &w->pack_pool));
    return committer_new(w->store, w->pool, &w->committer);
}

static enum err open_sources(struct worker *w)
{
    const struct worker_config *c = w->config;
    TRY(http_sources_new(&c->source_allow, &w->http));
    if (c->catalog_kind == CATALOG_FILES) {
        TRY(file_root_open(c->catalog, &w->folder));
    }
    if (c->source_root != NULL) {
        TRY(file_root_open(c->source_root, &w->source_root));
    }
    w->chunk = malloc(SOURCE_CHUNK_MAX);
    if (w->chunk == NULL) {
        return ERR_NOMEM;
    }
    return lookup_open(c, w->pool, &w->lookup);
}

static enum err open_link(struct worker *w)
{
    const struct worker_config *c = w->config;
    const struct link_handler handler = {
        .context = w, .state = link_state_of, .joined = on_joined, .message = orders_take};
    struct id_source *ids = calloc(1, sizeof(*ids));
    w->zmq_context = zmq_ctx_new();
    if (ids == NULL || w->zmq_context == NULL) {
        free(ids);
        return ERR_NOMEM;
    }
    id_source_init(ids);
    const uint64_t incarnation = id_source_u64(ids);
    free(ids);
    TRY(link_new(w->zmq_context, c->worker_id, incarnation, &handler, &w->link));
    for (size_t i = 0; i < c->brokers_count; i++) {
        const enum err err = link_add_broker(w->link, c->brokers[i]);
        if (err != ERR_OK) {
            log_error("broker.refused", "endpoint=%s error=%s", c->brokers[i], err_name(err));
            return err;
        }
    }
    return ERR_OK;
}

enum err worker_new(const struct worker_config *config, int signal_fd, struct worker **out)
{
    struct worker *w = calloc(1, sizeof(*w));
    if (w == NULL) {
        return ERR_NOMEM;
    }
    w->config = config;
    w->signal_fd = signal_fd;
    enum err err = runs_init(&w->runs, config->slots);
    err = err == ERR_OK ? wire_reader_new(&w->spec_reader) : err;
    err = err == ERR_OK ? open_store(w) : err;
    err = err == ERR_OK ? open_sources(w) : err;
    err = err == ERR_OK ? open_link(w) : err;
    if (err != ERR_OK) {
        log_error("worker.start-failed", "error=%s", err_name(err));
        worker_destroy(&w);
        return err;
    }
    *out = w;
    return ERR_OK;
}

void worker_destroy(struct worker **worker)
{
    struct worker *w = *worker;
    if (w == NULL) {
        return;
    }
    if (w->pack_pool != NULL) { /* first: what it gives back may have files to be dropped */
        pool_stop(w->pack_pool);
    }
    if (w->link != NULL) {
        pool_turn(w->pack_pool);
    }
    if (w->pool != NULL) {
        pool_stop(w->pool);
    }
    if (w->committer != NULL) {
        committer_stop(w->committer);
    }
    if (w->link != NULL) {
        pool_turn(w->pool); /* gives back what the threads had */
    }
    runs_clear(&w->runs);
    link_destroy(&w->link);
    if (w->zmq_context != NULL) {
        zmq_ctx_term(w->zmq_context);
    }
    if (w->spec_reader != NULL) {
        wire_reader_destroy(&w->spec_reader);
    }
    lookup_close(&w->lookup);
    http_sources_destroy(&w->http);
    file_root_close(&w->folder);
    file_root_close(&w->source_root);
    committer_destroy(&w->committer);
    pool_destroy(&w->pool);
    pool_destroy(&w->pack_pool);
    file_store_close(&w->store);
    free(w->chunk);
    free(w);
    *worker = NULL;
}
