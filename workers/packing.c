#include "workers/packing.h"

#include "base/list.h"
#include "core/digest.h"
#include "core/source_names.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* A part of one file, or the archive's end. */
struct chunk {
    bool begins, ends;         /* the file's first, the file's last; one chunk may be both */
    bool finishes;             /* no file: the archive's end */
    bool ready;                /* for the pool */
    struct packer_entry entry; /* if it begins */
    struct transfer_expect expect;
    uint64_t file_id;
    char name[FILE_NAME_SIZE];
    size_t len;
    char bytes[PACKING_CHUNK_MAX];
};

struct packing {
    struct task task;
    struct pool *pool;
    void (*back)(void *context);
    void *context;
    enum job_format format;
    atomic_bool canceled;

    /* of the loop */
    struct chunk *filling;
    bool open; /* between begin and end */
    bool busy;

    /* of the step while it is with the pool */
    struct chunk *step;
    struct packer *packer;
    struct digest digest; /* of the file that is being packed */
    uint64_t file_bytes;  /* of it, so far */
    struct transfer_expect expect;
    uint64_t file_id;
    struct job_fault fault;
    bool finished;
};

/* ---- a step, on a pool thread */

static struct job_fault internal_fault(void)
{
    return job_fault_text(JOB_ERROR_INTERNAL,
                          "The files could not be packed. Tell the operator the job's id.");
}

/* What the packer says; ERR_INVALID is a file that is not as long as it was said to be. */
static struct job_fault fault_of(const struct packing *p, enum err err)
{
    if (err == ERR_OK) {
        return JOB_FAULT_NONE;
    }
    if (err != ERR_INVALID) {
        return internal_fault();
    }
    return p->expect.size_bytes >= 0
               ? job_fault_text(JOB_ERROR_CHECKSUM_MISMATCH, JOB_TEXT_OTHER_SIZE)
               : job_fault_text(JOB_ERROR_SOURCE_UNREACHABLE, JOB_TEXT_CHANGED);
}

static struct job_fault begin_file(struct packing *p, struct chunk *c)
{
    digest_clear(&p->digest);
    digest_init(&p->digest);
    p->file_bytes = 0;
    p->expect = c->expect;
    p->file_id = c->file_id;
    return fault_of(p, packer_begin(p->packer, &c->entry));
}

static struct job_fault add_bytes(struct packing *p, const struct chunk *c)
{
    const struct span bytes = {c->bytes, c->len};
    if (bytes.len == 0) {
        return JOB_FAULT_NONE;
    }
    p->file_bytes += bytes.len;
    if (digest_add(&p->digest, bytes) != ERR_OK) {
        return internal_fault();
    }
    return fault_of(p, packer_write(p->packer, bytes));
}

static struct job_fault end_file(struct packing *p)
{
    unsigned char sha256[SHA256_SIZE];
    if (digest_end(&p->digest, sha256) != ERR_OK) {
        return internal_fault();
    }
    const struct job_fault fault = transfer_verify(&p->expect, p->file_bytes, sha256);
    return fault.error != JOB_ERROR_NONE ? fault : fault_of(p, packer_end(p->packer));
}

static void pack(struct packing *p, struct chunk *c)
{
    if (c->begins) {
        p->fault = begin_file(p, c);
    }
    if (p->fault.error == JOB_ERROR_NONE) {
        p->fault = add_bytes(p, c);
    }
    if (p->fault.error == JOB_ERROR_NONE && c->ends) {
        p->fault = end_file(p);
    }
    if (p->fault.error == JOB_ERROR_NONE && c->finishes) {
        p->fault = fault_of(p, packer_finish(p->packer));
        p->finished = p->fault.error == JOB_ERROR_NONE;
    }
}

static bool step_run(struct task *t)
{
    struct packing *p = LIST_ENTRY(t, struct packing, task);
    if (!atomic_load(&p->canceled)) {
        pack(p, p->step);
    }
    return true;
}

/* ---- on the loop's thread */

static void chunk_reset(struct chunk *c)
{
    c->begins = c->ends = c->finishes = c->ready = false;
    c->len = 0;
}

static void step_done(struct task *t)
{
    struct packing *p = LIST_ENTRY(t, struct packing, task);
    p->busy = false;
    chunk_reset(p->step);
    p->back(p->context);
}

static struct chunk *chunk_new(void)
{
    struct chunk *c = malloc(sizeof(*c));
    if (c != NULL) {
        chunk_reset(c);
    }
    return c;
}

enum err packing_new(enum job_format format, struct pool *pool, void (*back)(void *context),
                     void *context, struct packing **out)
{
    struct packing *p = calloc(1, sizeof(*p));
    if (p == NULL) {
        return ERR_NOMEM;
    }
    p->pool = pool;
    p->back = back;
    p->context = context;
    p->format = format;
    p->fault = JOB_FAULT_NONE;
    p->task.run = step_run;
    p->task.done = step_done;
    digest_init(&p->digest);
    atomic_init(&p->canceled, false);
    p->filling = chunk_new();
    p->step = chunk_new();
    if (p->filling == NULL || p->step == NULL || packer_new(format, &p->packer) != ERR_OK) {
        packing_destroy(&p);
        return ERR_NOMEM;
    }
    *out = p;
    return ERR_OK;
}

void packing_destroy(struct packing **packing)
{
    struct packing *p = *packing;
    if (p == NULL) {
        return;
    }
    assert(!p->busy);
    packer_destroy(&p->packer);
    digest_clear(&p->digest);
    free(p->filling);
    free(p->step);
    free(p);
    *packing = NULL;
}

bool packing_room(const struct packing *p)
{
    return !p->filling->ready;
}

void packing_begin(struct packing *p, const struct packer_entry *e,
                   const struct transfer_expect *expect, uint64_t file_id)
{
    struct chunk *c = p->filling;
    assert(packing_room(p) && !p->open);
    c->begins = true;
    c->entry = *e;
    c->expect = *expect;
    c->file_id = file_id;
    (void)!span_copy(span_of(e->name), c->name, sizeof(c->name));
    c->entry.name = c->name;
    p->open = true;
}

bool packing_add(struct packing *p, struct span bytes)
{
    struct chunk *c = p->filling;
    assert(p->open && bytes.len <= PACKING_CHUNK_MAX);
    if (c->ready || bytes.len > PACKING_CHUNK_MAX - c->len) {
        c->ready = true;
        return false;
    }
    memcpy(c->bytes + c->len, bytes.ptr, bytes.len);
    c->len += bytes.len;
    c->ready = c->len == PACKING_CHUNK_MAX;
    return true;
}

void packing_end(struct packing *p)
{
    assert(p->open);
    p->open = false;
    p->filling->ends = true; /* also of one that is full and waits */
    p->filling->ready = true;
}

void packing_finish(struct packing *p)
{
    assert(packing_room(p) && !p->open);
    p->filling->finishes = true;
    p->filling->ready = true;
}

void packing_put(struct packing *p)
{
    struct chunk *c = p->filling;
    if (!c->ready || p->busy) {
        return;
    }
    if (c->begins && c->ends && c->entry.size_bytes < 0) {
        c->entry.size_bytes = (int64_t)c->len; /* all of it is here */
    }
    p->filling = p->step;
    p->step = c;
    p->busy = true;
    packer_taken(p->packer);
    pool_put(p->pool, &p->task);
}

bool packing_busy(const struct packing *p)
{
    return p->busy;
}

bool packing_held(const struct packing *p)
{
    return p->busy && p->filling->ready;
}

void packing_cancel(struct packing *p)
{
    atomic_store(&p->canceled, true);
}

struct job_fault packing_fault(const struct packing *p)
{
    return p->fault;
}

uint64_t packing_file_id(const struct packing *p)
{
    return p->file_id;
}

struct span packing_output(const struct packing *p)
{
    return packer_output(p->packer);
}

bool packing_finished(const struct packing *p)
{
    return p->finished;
}
