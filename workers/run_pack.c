/* An attempt that packs: the files of its list, one after the other, through a packing.
 *
 * Everything that can be wrong with the list is found before a byte is fetched: each id is looked
 * up, each known size counts against the limit. The callbacks of source and packing only note what
 * happened; pack_turn does what follows from it. */
#include "workers/run_pack.h"

#include "workers/worker.h"

#include <stdlib.h>

/* ---- steps */

static void on_back(void *context)
{
    struct run *r = context;
    r->pack->back = true;
    run_unblock(r);
}

static void take_step(struct run *r)
{
    struct run_pack *k = r->pack;
    if (!k->back) {
        return;
    }
    k->back = false;
    const struct job_fault fault = packing_fault(k->packing);
    const struct span output = packing_output(k->packing);
    if (fault.error != JOB_ERROR_NONE) {
        pack_fail_file(r, packing_file_id(k->packing), fault);
    } else if ((output.len == 0 || run_store(r, output)) && packing_finished(k->packing)) {
        run_fail(r, JOB_FAULT_NONE);
    }
}

static void read_on(struct run *r)
{
    struct run_pack *k = r->pack;
    if (k->paused) {
        k->paused = false;
        source_resume(r->source);
    }
    if (!r->ended && !k->over && source_wants_turns(r->source)) {
        source_turn(r->source);
    }
}

static void move_on(struct run *r)
{
    struct run_pack *k = r->pack;
    if (r->source == NULL && k->next < k->count) {
        pack_source_open(r);
    } else if (r->source == NULL && !k->closed) {
        k->closed = true;
        pack_progress_fetched(&k->progress);
        packing_finish(k->packing);
    }
    if (!r->ended && r->source != NULL) {
        read_on(r);
    }
}

/* The chunk that is ready goes to the pool, and what there is room for comes in. */
static void feed(struct run *r)
{
    struct run_pack *k = r->pack;
    if (k->over) {
        k->over = false;
        pack_source_over(r);
    }
    packing_put(k->packing);
    if (packing_room(k->packing)) {
        move_on(r);
        packing_put(k->packing);
    }
}

static bool wants_turn(const struct run *r)
{
    const struct run_pack *k = r->pack;
    return !packing_held(k->packing) && !k->closed &&
           (k->over || r->source == NULL || source_wants_turns(r->source));
}

/* Only a source can stall: who waits for the packer or reads its own spool, or has all, does not.
 */
static void watch_source(struct run *r, int64_t now_ms)
{
    const struct worker_config *c = r->worker->config;
    if (packing_held(r->pack->packing) || r->source == NULL || r->pack->replaying) {
        stall_watch_init(&r->stall, now_ms);
    } else if (stall_watch_stalled(&r->stall, r->received, now_ms, c->stall_bytes, c->stall_ms)) {
        pack_fail_present(r, job_fault_of(JOB_ERROR_SOURCE_STALLED));
    }
}

int64_t pack_turn(struct run *r, int64_t now_ms)
{
    struct run_pack *k = r->pack;
    take_step(r);
    if (r->ended) {
        return now_ms;
    }
    feed(r);
    watch_source(r, now_ms);
    pack_progress_held(&k->progress, packing_held(k->packing), now_ms);
    progress_rate_sample(&r->rate, r->received, now_ms);
    const struct meter m = pack_progress_meter(&k->progress, &r->rate, r->received, now_ms);
    run_progress(r, &m);
    return wants_turn(r) ? now_ms : now_ms + PROGRESS_REPORT_MS;
}

/* ---- begin and end */

static enum err new_pack(struct run *r, const struct job_spec *spec)
{
    const size_t count = spec->file_ids_count;
    struct run_pack *k = calloc(1, sizeof(*k) + count * sizeof(k->files[0]));
    if (k == NULL) {
        return ERR_NOMEM;
    }
    r->pack = k;
    k->format = spec->format;
    k->archive = spec->archive;
    k->count = count;
    for (size_t i = 0; i < count; i++) {
        k->files[i].id = spec->file_ids[i];
        k->files[i].size_bytes = -1;
    }
    k->wanted = r->expect; /* of the source, not of what is made from it */
    r->expect = (struct transfer_expect){.size_bytes = -1};
    pack_names_init(&k->names);
    pack_progress_init(&k->progress, count, r->worker->config->source_bytes_max, r->worker->now_ms);
    return packing_new(k->format, r->worker->pack_pool, on_back, r, &k->packing);
}

void pack_begin(struct run *r, const struct wire_assign *a, const struct job_spec *spec)
{
    (void)a;
    if (spec->format == FORMAT_ORIGINAL) { /* of an archive: no gateway lets that through */
        run_fail(r, job_fault_of(JOB_ERROR_FORMAT_UNSUPPORTED));
        return;
    }
    if (new_pack(r, spec) != ERR_OK) {
        run_fail(r, job_fault_text(JOB_ERROR_INTERNAL, JOB_TEXT_NO_MEMORY));
        return;
    }
    if (spec->archive && r->file_name[0] == '\0') {
        pack_artifact_name(spec->format, "", r->file_name);
    }
    (void)!span_copy(span_of(pack_content_type(spec->format)), r->content_type,
                     sizeof(r->content_type));
    pack_survey(r);
}

bool pack_busy(const struct run *r)
{
    return r->pack != NULL && r->pack->packing != NULL && packing_busy(r->pack->packing);
}

void pack_cancel(struct run *r)
{
    packing_cancel(r->pack->packing);
}

void pack_destroy(struct run_pack **pack)
{
    if (*pack != NULL) {
        packing_destroy(&(*pack)->packing);
        spool_destroy(&(*pack)->spool);
        free(*pack);
        *pack = NULL;
    }
}
