/* Where the bytes of an attempt that packs come from, one source after the other. */
#include "workers/run_pack.h"

#include "workers/worker.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- faults */

void pack_fail_file(struct run *r, uint64_t file_id, struct job_fault fault)
{
    if (r->pack->archive && !r->ended) {
        (void)snprintf(r->fault_text, sizeof(r->fault_text), "File %" PRIu64 ": %s", file_id,
                       fault.message);
        fault.message = r->fault_text;
    }
    run_fail(r, fault);
}

void pack_fail_present(struct run *r, struct job_fault fault)
{
    pack_fail_file(r, r->pack->files[r->pack->next - 1].id, fault);
}

/* False: the files are too large, and the run has ended. */
static bool set_size(struct run *r, size_t i, int64_t size_bytes)
{
    struct run_pack *k = r->pack;
    if (!pack_progress_size(&k->progress, k->files[i].size_bytes, size_bytes)) {
        run_fail(
            r, k->archive
                   ? job_fault_text(
                         JOB_ERROR_SOURCE_TOO_LARGE,
                         "The files together are larger than this service accepts. Ask for fewer.")
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

/* A tar must know a file's size before its first byte. */
static bool must_spool(const struct run_pack *k, const struct source_info *info)
{
    return k->format == FORMAT_TAR && info->size_bytes < 0 && k->expect.size_bytes < 0;
}

static void fail_spool(struct run *r, enum err err)
{
    pack_fail_present(
        r, err == ERR_TOO_LARGE
               ? job_fault_text(JOB_ERROR_SOURCE_TOO_LARGE,
                                "A tar must know a file's size before its first byte. The source "
                                "does not say it, and the file is too large to be kept until it "
                                "is known. Ask for a zip.")
               : job_fault_of(JOB_ERROR_STORE_UNAVAILABLE));
}

static bool begin_spool(struct run *r, const struct source_info *info)
{
    struct worker *w = r->worker;
    const enum err err = spool_new(w->store, r->key, w->config->spool_bytes_max, &r->pack->spool);
    if (err != ERR_OK) {
        fail_spool(r, err);
        return false;
    }
    r->pack->spool_modified_s = info->modified_s;
    return true;
}

static enum source_take take_spooled(struct run *r, struct span bytes)
{
    if (!run_count(r, bytes.len)) {
        return SOURCE_STOP;
    }
    const enum err err = spool_add(r->pack->spool, bytes);
    if (err != ERR_OK) {
        fail_spool(r, err);
        return SOURCE_STOP;
    }
    return SOURCE_TAKEN;
}

static bool on_begin(void *context, const struct source_info *info)
{
    struct run *r = context;
    struct run_pack *k = r->pack;
    char name[FILE_NAME_SIZE];
    const struct job_fault fault =
        transfer_verify_size(&k->expect, info->size_bytes, r->worker->config->source_bytes_max);
    if (fault.error != JOB_ERROR_NONE) {
        pack_fail_present(r, fault);
        return false;
    }
    if (info->size_bytes >= 0 && !set_size(r, k->next - 1, info->size_bytes)) {
        return false;
    }
    name_it(r, info);
    if (must_spool(k, info)) {
        return begin_spool(r, info);
    }
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
    if (k->spool != NULL) {
        return take_spooled(r, bytes);
    }
    k->paused = !packing_add(k->packing, bytes);
    if (!packing_room(k->packing)) {
        r->due_ms = r->worker->now_ms;
    }
    if (k->paused) {
        return SOURCE_PAUSE;
    }
    return k->replaying || run_count(r, bytes.len) ? SOURCE_TAKEN : SOURCE_STOP;
}

static void on_end(void *context, const struct job_fault *fault)
{
    struct run *r = context;
    struct run_pack *k = r->pack;
    if (fault->error != JOB_ERROR_NONE) {
        pack_fail_present(r, *fault);
        return;
    }
    if (set_size(r, k->next - 1, (int64_t)(r->received - k->before))) {
        if (k->spool == NULL) {
            packing_end(k->packing);
        }
        k->over = true;
        r->due_ms = r->worker->now_ms;
    }
}

/* ---- the list */

static struct source_listener listener_of(struct run *r)
{
    return (struct source_listener){
        .context = r, .begin = on_begin, .bytes = on_bytes, .end = on_end};
}

void pack_source_over(struct run *r)
{
    struct run_pack *k = r->pack;
    const struct source_listener listener = listener_of(r);
    source_destroy(&r->source);
    k->replaying = k->spool != NULL;
    if (k->replaying) {
        r->source = spool_replay(&k->spool, &listener, k->spool_modified_s);
    }
}

void pack_source_open(struct run *r)
{
    struct run_pack *k = r->pack;
    const struct source_listener listener = listener_of(r);
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
        pack_fail_present(r, run_open_fault(err));
    }
}

void pack_survey(struct run *r)
{
    struct run_pack *k = r->pack;
    const uint32_t limit_ms = (uint32_t)(r->deadline_ms - r->started_ms);
    uint32_t longest_ms = 0;
    struct found f;
    for (size_t i = 0; i < k->count && !r->ended; i++) {
        const enum err err = lookup_find(r->worker->lookup, k->files[i].id, &f);
        if (err != ERR_OK) {
            pack_fail_file(r, k->files[i].id, run_open_fault(err));
            return;
        }
        const uint32_t own_ms =
            class_timeouts_cap(&r->worker->config->class_timeouts, f.class_name, limit_ms);
        longest_ms = own_ms > longest_ms ? own_ms : longest_ms;
        (void)set_size(r, i, f.size_bytes >= 0 ? f.size_bytes : run_local_size(r->worker, &f));
    }
    r->deadline_ms = r->started_ms + longest_ms;
}
