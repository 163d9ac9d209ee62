/* Run: one attempt of one job in this worker.
 *
 *            Assign
 *              v            bytes are whole              published
 *           MOVING ------------------------> STORING ---------------> IDLE, reporting
 *              |                                | store refused, or          | Ack
 *              | failed, canceled, released     | canceled meanwhile         v
 *              v                                v                      forgotten
 *           IDLE or CLEANING (a half file is being deleted); reporting at once, unless STALE
 *
 * The phase says what happens to its bytes, `reporting` whether a result waits for its Ack; both
 * must be over before it is forgotten. MOVING, STORING and CLEANING occupy a slot. */
#ifndef LONGHAUL_WORKERS_RUN_H
#define LONGHAUL_WORKERS_RUN_H

#include "base/list.h"
#include "core/digest.h"
#include "core/job.h"
#include "core/job_error.h"
#include "core/progress_rate.h"
#include "core/simulation.h"
#include "core/source_names.h"
#include "core/stall_watch.h"
#include "core/transfer_rules.h"
#include "ports/sink_file.h"
#include "ports/source.h"
#include "wire/wire.h"
#include "workers/committer.h"
#include "workers/lookup.h"

#include <stdbool.h>
#include <stdint.h>

struct worker;
struct run_pack;

enum { FAULT_TEXT_SIZE = 256 };

enum run_phase { RUN_MOVING, RUN_STORING, RUN_CLEANING, RUN_IDLE };

struct run {
    struct worker *worker;
    struct attempt id;
    char key[ARTIFACT_KEY_SIZE]; /* in the table, and in the store if there are bytes */
    enum run_phase phase;
    bool reporting;
    bool dropped;             /* STALE: no result, nothing stays */
    bool given_up;            /* stopped while it was being stored: what was stored goes */
    struct list link;         /* by phase, or among the recent ones */
    struct list reports_link; /* while reporting */
    int64_t repeat_ms;        /* when the result is sent again */
    int64_t started_ms, deadline_ms, due_ms;

    /* MOVING */
    struct source *source; /* NULL: simulated, or between two sources of an archive */
    struct run_pack *pack; /* NULL: bytes are stored as they come */
    struct simulation simulation;
    struct transfer_expect expect;
    struct digest digest;
    uint64_t received; /* bytes of the sources */
    uint64_t stored;   /* bytes of the artifact */
    int64_t total;     /* of the sources; -1 unknown */
    struct stall_watch stall;
    struct progress_rate rate;
    struct progress_gate gate;
    bool ended;                       /* the bytes are over: `fault` says how */
    struct job_fault fault;           /* also what a FAILED result says */
    char fault_text[FAULT_TEXT_SIZE]; /* its message, if it names a file */

    /* what is stored and reported */
    struct commit commit;
    enum outcome outcome;
    unsigned char sha256[SHA256_SIZE];
    char file_name[FILE_NAME_SIZE];
    char content_type[CONTENT_TYPE_SIZE];
};

/* ---- run.c: the way of one run, on the loop's thread */

/* For an Assign that was accepted: begins, and may end, at once. */
void run_begin(struct run *r, const struct wire_assign *a);
/* Moves at most SOURCE_CHUNK_MAX bytes, watches the limits, reports progress, ends what is over. */
void run_turn(struct run *r, int64_t now_ms);
/* Stops it if it still moves; OUTCOME_CANCELED or OUTCOME_RELEASED is reported. */
void run_stop(struct run *r, enum outcome outcome);
/* STALE: stops it, nothing is reported, nothing stays. */
void run_drop(struct run *r);

/* What kept a stopped run from ending is over. */
void run_unblock(struct run *r);

/* ---- run_intake.c: bytes -> digest -> sink */

/* False: `fault` says why, and the run has ended. */
bool run_intake(struct run *r, struct span bytes);    /* both of: */
bool run_count(struct run *r, size_t source_bytes);   /* against the limit */
bool run_store(struct run *r, struct span artifact);  /* any number of bytes */
void run_fail(struct run *r, struct job_fault fault); /* the bytes are over */

/* ---- run_source.c: where a file of the catalogue comes from */

/* ERR_UNSUPPORTED: there is no catalogue. Otherwise as opening says. */
MUST_CHECK enum err run_open_source(struct run *r, const struct found *f,
                                    const struct source_listener *listener);
/* The size of a file that lies here, -1 of any other. */
int64_t run_local_size(const struct worker *w, const struct found *f);
/* What the catalogue says that the bytes are; what the job says stays. */
void run_expect_found(struct transfer_expect *expect, const struct found *f);
/* Of finding and opening; what happens later comes through the listener. */
struct job_fault run_open_fault(enum err err);

/* ---- run_transfer.c, run_pack.c (with run_pack_source.c) and run_simulate.c: the ways to get
 * bytes. begin fills the run's limits and names; turn returns when it wants its next turn. */

void transfer_begin(struct run *r, const struct wire_assign *a, const struct job_spec *spec);
int64_t transfer_turn(struct run *r, int64_t now_ms);
void pack_begin(struct run *r, const struct wire_assign *a, const struct job_spec *spec);
int64_t pack_turn(struct run *r, int64_t now_ms);
bool pack_busy(const struct run *r);    /* a pool thread has a part of it */
void pack_cancel(struct run *r);        /* it does no more than it must */
void pack_destroy(struct run_pack **p); /* not while busy; NULL inside is fine */
void simulate_begin(struct run *r, const struct wire_assign *a, const struct job_spec *spec);
int64_t simulate_turn(struct run *r, int64_t now_ms);

/* ---- run_report.c */

void run_report(struct run *r);      /* the result, from now on until its Ack */
void run_repeat(struct run *r);      /* again */
void run_report_over(struct run *r); /* acknowledged */
/* If it is time and something changed. Returns when `m` can be said, or -1: it has been. */
int64_t run_progress(struct run *r, const struct meter *m);

#endif
