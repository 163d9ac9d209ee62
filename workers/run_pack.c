/* An attempt that packs: the files of its list, one after the other, through a packing.
 *
 * Everything that can be wrong with the list is found before a byte is fetched: each id is looked
 * up, each known size counts against the limit. The callbacks of source and packing only note what
 * happened; pack_turn does what follows from it. */
#include "core/pack_names.h"
#include "core/pack_progress.h"
#include "workers/packing.h"
#include "workers/worker.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct run_pack {
    struct packing *packing;
    enum job_format format;
    bool archive;                          /* of a list, whose faults name the file */
    bool back;                             /* a step is back */
    bool paused;                           /* the source has bytes that were not taken */
    bool over;                             /* the source has said all of it */
    bool closed;                           /* no more sources */
    struct transfer_expect wanted, expect; /* of the job, and of the present source */
    char name[FILE_NAME_SIZE];             /* by the catalogue, then by the source; "" nobody */
    uint64_t before;                       /* r->received when the present source began */
    struct pack_names names;
    struct pack_progress progress;
    size_t next; /* to be opened; the present source is the one before */
    size_t count;
    struct {
        uint64_t id;
        int64_t size_bytes; /* -1 unknown, so far */
    } files[];
};

/* ---- faults */

static void fail_file(struct run *r, uint64_t file_id, struct job_fault fault)
{
    if (r->pack->archive && !r->ended) {
        (void)snprintf(r->fault_text, sizeof(r->fault_text), "File %" PRIu64 ": %s", file_id,
                       fault.message);
        fault.message = r->fault_text;
    }
    run_fail(r, fault);
}

static void fail_present(struct run *r, struct job_fault fault)
{
    fail_file(r, r->pack->files[r->pack->next - 1].id, fault);
}

/* False: the files are too large, and the run has ended. */
static bool set_size(struct run *r, size_t i, int64_t size_bytes)
{
    struct run_pack *k = r->pack;
    if (!pack_progress_size(&k->progress, k->files[i].size_bytes, size_bytes)) {
        run_fail(r, k->archive
                        ? job_fault_text(JOB_ERROR_SOURCE_TOO_LARGE,
                                         "The files together are larger than this service accepts.")
                        : job_fault_of(JOB_ERROR_SOURCE_TOO_LARGE));
        return false;
    }
    k->files[i].size_bytes = size_bytes;
    return true;
}

/* ---- what the source says */

static void name_it(struct run *r, const struct source_info *info)
{
    struct run_pack *k = r->pack;
    if (k->name[0] == '\0' && source_name_clean(span_of(info->file_name), k->name) != ERR_OK) {
        k->name[0] = '\0';
    }
    if (r->file_name[0] == '\0') { /* of an archive it was known before */
        pack_artifact_name(k->format, k->name, r->file_name);
    }
}

static bool on_begin(void *context, const struct source_info *info)
{
    struct run *r = context;
    struct run_pack *k = r->pack;
    char name[FILE_NAME_SIZE];
    const struct job_fault fault =
        transfer_verify_size(&k->expect, info->size_bytes, r->worker->config->source_bytes_max);
    if (fault.error != JOB_ERROR_NONE) {
        fail_present(r, fault);
        return false;
    }
    if (info->size_bytes >= 0 && !set_size(r, k->next - 1, info->size_bytes)) {
        return false;
    }
    name_it(r, info);
    pack_names_take(&k->names, k->name, k->files[k->next - 1].id, name);
    const struct packer_entry e = {.name = name,
                                   .size_bytes = info->size_bytes >= 0 ? info->size_bytes
                                                                       : k->expect.size_bytes,
                                   .modified_s = info->modified_s};
    packing_begin(k->packing, &e, &k->expect, k->files[k->next - 1].id);
    return true;
}

static enum source_take on_bytes(void *context, struct span bytes)
{
    struct run *r = context;
    struct run_pack *k = r->pack;
    k->paused = !packing_add(k->packing, bytes);
    if (!packing_room(k->packing)) {
        r->due_ms = r->worker->now_ms;
    }
    if (k->paused) {
        return SOURCE_PAUSE;
    }
    return run_count(r, bytes.len) ? SOURCE_TAKEN : SOURCE_STOP;
}

static void on_end(void *context, const struct job_fault *fault)
{
    struct run *r = context;
    struct run_pack *k = r->pack;
    if (fault->error != JOB_ERROR_NONE) {
        fail_present(r, *fault);
        return;
    }
    if (set_size(r, k->next - 1, (int64_t)(r->received - k->before))) {
        packing_end(k->packing);
        k->over = true;
        r->due_ms = r->worker->now_ms;
    }
}

/* ---- the list */

static void open_next(struct run *r)
{
    struct run_pack *k = r->pack;
    const struct source_listener listener = {
        .context = r, .begin = on_begin, .bytes = on_bytes, .end = on_end};
    struct found f;
    enum err err = lookup_find(r->worker->lookup, k->files[k->next++].id, &f);
    if (err == ERR_OK) {
        k->expect = k->wanted;
        run_expect_found(&k->expect, &f);
        k->before = r->received;
        if (source_name_clean(f.file_name, k->name) != ERR_OK) {
            k->name[0] = '\0'; /* nothing usable is left: the source may know a name */
        }
        stall_watch_init(&r->stall, r->worker->now_ms);
        err = run_open_source(r, &f, &listener);
    }
    if (err != ERR_OK) {
        fail_present(r, run_open_fault(err));
    }
}

/* Whether all are there, how large they are, how long the attempt may take: as long as the most
 * patient class of its files allows. */
static void survey(struct run *r)
{
    struct run_pack *k = r->pack;
    const uint32_t limit_ms = (uint32_t)(r->deadline_ms - r->started_ms);
    uint32_t longest_ms = 0;
    struct found f;
    for (size_t i = 0; i < k->count && !r->ended; i++) {
        const enum err err = lookup_find(r->worker->lookup, k->files[i].id, &f);
        if (err != ERR_OK) {
            fail_file(r, k->files[i].id, run_open_fault(err));
            return;
        }
        const uint32_t own_ms =
            class_timeouts_cap(&r->worker->config->class_timeouts, f.class_name, limit_ms);
        longest_ms = own_ms > longest_ms ? own_ms : longest_ms;
        (void)set_size(r, i, f.size_bytes >= 0 ? f.size_bytes : run_local_size(r->worker, &f));
    }
    r->deadline_ms = r->started_ms + longest_ms;
}

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
        fail_file(r, packing_file_id(k->packing), fault);
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
        open_next(r);
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
        source_destroy(&r->source);
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

/* Only a source can stall: who waits for the packer, or has all, does not. */
static void watch_source(struct run *r, int64_t now_ms)
{
    const struct worker_config *c = r->worker->config;
    if (packing_held(r->pack->packing) || r->source == NULL) {
        stall_watch_init(&r->stall, now_ms);
    } else if (stall_watch_stalled(&r->stall, r->received, now_ms, c->stall_bytes, c->stall_ms)) {
        fail_present(r, job_fault_of(JOB_ERROR_SOURCE_STALLED));
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
        run_fail(r, job_fault_text(JOB_ERROR_INTERNAL, "Out of memory."));
        return;
    }
    if (spec->archive && r->file_name[0] == '\0') {
        pack_artifact_name(spec->format, "", r->file_name);
    }
    (void)!span_copy(span_of(pack_content_type(spec->format)), r->content_type,
                     sizeof(r->content_type));
    survey(r);
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
        free(*pack);
        *pack = NULL;
    }
}
