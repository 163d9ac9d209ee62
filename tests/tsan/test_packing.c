// links: workers ports core base pthread
/* Packings share two threads: each step is handed over and back without a data race, also when the
 * loop cancels what a thread is working on. */
#include "workers/packing.h"

#include <assert.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>

enum { PACKINGS = 6, CHUNKS = 12, THREADS = 2 };

static char bytes[PACKING_CHUNK_MAX];

struct job {
    struct packing *packing;
    int chunks; /* given so far */
    bool to_cancel, canceled, over;
    size_t made;
};

static void on_back(void *context)
{
    struct job *j = context;
    assert(j->canceled || packing_fault(j->packing).error == JOB_ERROR_NONE);
    if (!j->canceled) {
        j->made += packing_output(j->packing).len;
        j->over = packing_finished(j->packing);
    } else {
        j->over = true;
    }
}

static void feed(struct job *j)
{
    packing_put(j->packing);
    while (!j->canceled && packing_room(j->packing) && j->chunks <= CHUNKS) {
        if (j->chunks == CHUNKS) {
            packing_finish(j->packing);
        } else {
            const struct packer_entry e = {
                .name = "file", .size_bytes = sizeof bytes, .modified_s = -1};
            const struct transfer_expect expect = {.size_bytes = -1};
            packing_begin(j->packing, &e, &expect, 1);
            assert(packing_add(j->packing, (struct span){bytes, sizeof bytes}));
            packing_end(j->packing);
        }
        j->chunks++;
        packing_put(j->packing);
    }
    if (j->to_cancel && !j->canceled && j->chunks > CHUNKS / 2) {
        j->canceled = true;
        packing_cancel(j->packing);
        j->over = !packing_busy(j->packing);
    }
}

static size_t running(struct job *jobs)
{
    size_t count = 0;
    for (size_t i = 0; i < PACKINGS; i++) {
        if (!jobs[i].over) {
            feed(&jobs[i]);
        }
        count += jobs[i].over ? 0 : 1;
    }
    return count;
}

int main(void)
{
    static struct job jobs[PACKINGS];
    struct pool *pool = NULL;
    memset(bytes, 'p', sizeof bytes);
    assert(pool_new(THREADS, &pool) == ERR_OK);
    for (size_t i = 0; i < PACKINGS; i++) {
        jobs[i].to_cancel = i % 3 == 2;
        assert(packing_new(i % 2 == 0 ? FORMAT_ZIP : FORMAT_TAR, pool, on_back, &jobs[i],
                           &jobs[i].packing) == ERR_OK);
    }
    while (running(jobs) > 0) {
        struct pollfd p = {.fd = pool_fd(pool), .events = POLLIN};
        assert(poll(&p, 1, 60000) == 1);
        pool_turn(pool);
    }
    for (size_t i = 0; i < PACKINGS; i++) {
        packing_destroy(&jobs[i].packing);
    }
    pool_destroy(&pool);
    return 0;
}
