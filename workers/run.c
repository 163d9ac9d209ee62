#include "base/log.h"
#include "workers/worker.h"

#include <assert.h>
#include <string.h>

static void set_phase(struct run *r, enum run_phase phase)
{
    runs_set_phase(&r->worker->runs, r, phase);
}

/* ---- the store's answer */

static void on_cleaned(struct commit *c)
{
    if (c->result != ERR_OK) {
        log_warn("clean.failed", "key=%s error=%s", c->key, err_name(c->result));
    }
    set_phase(LIST_ENTRY(c, struct run, commit), RUN_IDLE);
}

static void clean(struct run *r, enum commit_kind kind)
{
    r->commit.kind = kind;
    r->commit.done = on_cleaned;
    set_phase(r, RUN_CLEANING);
    committer_put(r->worker->committer, &r->commit);
}

static void on_refused(struct run *r, bool unwanted)
{
    log_warn("store.refused", "key=%s error=%s", r->key, err_name(r->commit.result));
    if (!unwanted) {
        r->fault = job_fault_of(JOB_ERROR_STORE_UNAVAILABLE);
        r->outcome = OUTCOME_FAILED;
        run_report(r);
    }
    if (r->commit.sink.fd >= 0) {
        clean(r, COMMIT_DROP);
    } else {
        clean(r, COMMIT_REMOVE); /* published, but the folder's sync was refused */
    }
}

static void on_stored(struct commit *c)
{
    struct run *r = LIST_ENTRY(c, struct run, commit);
    const bool unwanted = r->dropped || r->given_up;
    if (c->result != ERR_OK) {
        on_refused(r, unwanted);
    } else if (unwanted) {
        clean(r, COMMIT_REMOVE);
    } else {
        run_report(r);
        set_phase(r, RUN_IDLE);
    }
}

static void store(struct run *r)
{
    r->outcome = OUTCOME_COMPLETED;
    if (r->stored == 0) { /* its key says all about it */
        run_report(r);
        set_phase(r, RUN_IDLE);
        return;
    }
    r->commit.kind = COMMIT_PUBLISH;
    r->commit.done = on_stored;
    set_phase(r, RUN_STORING);
    committer_put(r->worker->committer, &r->commit);
}

/* ---- the end of the bytes */

static void abandon(struct run *r)
{
    source_destroy(&r->source);
    if (pack_busy(r)) { /* what a pool thread works with must stay; run_unblock goes on */
        pack_cancel(r);
        set_phase(r, RUN_CLEANING);
        return;
    }
    pack_destroy(&r->pack);
    digest_clear(&r->digest);
    if (r->commit.sink.fd >= 0) {
        clean(r, COMMIT_DROP);
    } else {
        set_phase(r, RUN_IDLE);
    }
}

void run_unblock(struct run *r)
{
    if (r->phase == RUN_MOVING) {
        r->due_ms = r->worker->now_ms;
    } else {
        abandon(r);
    }
}

static void verify(struct run *r)
{
    if (digest_end(&r->digest, r->sha256) != ERR_OK) {
        r->fault = job_fault_text(JOB_ERROR_INTERNAL, JOB_TEXT_NO_MEMORY);
        return;
    }
    r->fault = transfer_verify(&r->expect, r->stored, r->sha256);
}

static void finish(struct run *r)
{
    source_destroy(&r->source);
    if (r->fault.error == JOB_ERROR_NONE) {
        verify(r);
    }
    if (r->fault.error == JOB_ERROR_NONE) {
        pack_destroy(&r->pack);
        store(r);
        return;
    }
    r->outcome = OUTCOME_FAILED;
    run_report(r);
    abandon(r);
}

/* ---- the way */

/* What is always said of a file, if neither spec nor catalogue nor source named it. */
static void fill_gaps(struct run *r)
{
    if (r->file_name[0] == '\0') {
        (void)!span_copy(SPAN("download"), r->file_name, sizeof(r->file_name));
    }
    if (r->content_type[0] == '\0') {
        (void)!span_copy(SPAN("application/octet-stream"), r->content_type,
                         sizeof(r->content_type));
    }
}

static void begin_as_spec_says(struct run *r, const struct wire_assign *a,
                               const struct job_spec *spec)
{
    r->expect.has_job_sha256 = spec->has_sha256;
    memcpy(r->expect.job_sha256, spec->sha256, SHA256_SIZE);
    if (source_name_clean(spec->file_name, r->file_name) != ERR_OK) {
        r->file_name[0] = '\0';
    }
    if (spec->has_simulate) {
        simulate_begin(r, a, spec); /* whatever its format: it makes its own bytes */
    } else if (spec->archive || spec->format != FORMAT_ORIGINAL) {
        pack_begin(r, a, spec);
    } else {
        transfer_begin(r, a, spec);
    }
}

void run_begin(struct run *r, const struct wire_assign *a)
{
    struct worker *w = r->worker;
    struct job_spec spec;
    r->started_ms = w->now_ms;
    r->due_ms = w->now_ms;
    r->deadline_ms = w->now_ms + a->timeout_ms;
    r->total = -1;
    r->expect.size_bytes = -1;
    memcpy(r->commit.key, r->key, sizeof(r->key));
    stall_watch_init(&r->stall, w->now_ms);
    progress_rate_init(&r->rate, 0, w->now_ms);
    progress_gate_init(&r->gate, w->now_ms);
    if (wire_spec_unpack(w->spec_reader, a->spec, &spec) == ERR_OK) {
        begin_as_spec_says(r, a, &spec);
    } else {
        run_fail(r, job_fault_text(JOB_ERROR_INTERNAL,
                                   "The job's description is damaged. Tell the operator its id."));
    }
    run_turn(r, w->now_ms);
}

static int64_t way_turn(struct run *r, int64_t now_ms)
{
    if (r->pack != NULL) {
        return pack_turn(r, now_ms);
    }
    return r->source != NULL ? transfer_turn(r, now_ms) : simulate_turn(r, now_ms);
}

void run_turn(struct run *r, int64_t now_ms)
{
    assert(r->phase == RUN_MOVING);
    if (!r->ended && now_ms >= r->due_ms) {
        r->due_ms = way_turn(r, now_ms);
    }
    if (!r->ended && now_ms >= r->deadline_ms) {
        run_fail(r, job_fault_of(JOB_ERROR_TIMEOUT));
    }
    if (r->due_ms > r->deadline_ms) {
        r->due_ms = r->deadline_ms;
    }
    if (r->ended) {
        fill_gaps(r);
        finish(r);
    }
}

void run_stop(struct run *r, enum outcome outcome)
{
    if (r->phase != RUN_MOVING && r->phase != RUN_STORING) {
        return;
    }
    if (r->reporting || r->dropped || r->given_up) {
        return;
    }
    r->outcome = outcome;
    run_report(r);
    if (r->phase == RUN_MOVING) {
        abandon(r);
    } else {
        r->given_up = true; /* its Ack may come long before the disk is done */
    }
}

void run_drop(struct run *r)
{
    /* A result is under way: its Ack decides. A renewal that met the recorded end of this very
     * attempt also says STALE, and must not cost a completed job its artifact. */
    if (r->reporting || r->given_up || r->phase == RUN_IDLE || r->phase == RUN_CLEANING) {
        return;
    }
    r->dropped = true;
    if (r->phase == RUN_MOVING) {
        abandon(r);
    }
}
