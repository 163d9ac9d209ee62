/* What the parts of an attempt that packs share: run_pack.c turns it, run_pack_source.c gets its
 * files. Of one run, on the loop's thread. */
#ifndef LONGHAUL_WORKERS_RUN_PACK_H
#define LONGHAUL_WORKERS_RUN_PACK_H

#include "core/pack_names.h"
#include "core/pack_progress.h"
#include "workers/packing.h"
#include "workers/run.h"
#include "workers/spool.h"

struct run_pack {
    struct packing *packing;
    enum job_format format;
    bool archive;                          /* of a list, whose faults name the file */
    bool back;                             /* a step is back */
    bool paused;                           /* the source has bytes that were not taken */
    bool over;                             /* the source has said all of it */
    bool closed;                           /* no more sources */
    bool replaying;                        /* the source is a spool: its bytes were counted */
    struct spool *spool;                   /* where the source's bytes go instead; or NULL */
    int64_t spool_modified_s;              /* of its file */
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

/* The run fails; of an archive the message names the file. */
void pack_fail_file(struct run *r, uint64_t file_id, struct job_fault fault);
void pack_fail_present(struct run *r, struct job_fault fault);

/* Before anything is fetched: whether all are there, how large they are, how long the attempt may
 * take, which is as long as the most patient class of its files allows. */
void pack_survey(struct run *r);
/* The next of the list, while there is room for it. */
void pack_source_open(struct run *r);
/* The source has said all of it: it goes, and if it was spooled the spool has its place. */
void pack_source_over(struct run *r);

#endif
