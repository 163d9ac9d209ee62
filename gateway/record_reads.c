#include "gateway/record_reads.h"

#include "gateway/counters.h"
#include "gateway/loop.h"
#include "gateway/reply.h"
#include "ports/record_reader.h"

static void on_record(void *context, enum err err, const struct job_record *record)
{
    struct late *late = context;
    metrics_add(late->loop->counters, COUNT_IN_FLIGHT, -1);
    record_handler *then = late->then;
    struct exchange *x = late_take(late);
    if (x == NULL) {
        return;
    }
    const enum err e = err == ERR_OK && !caller_may_see(&x->caller, record) ? ERR_NOT_FOUND : err;
    if (e != ERR_OK) {
        reply_err(x, e);
        return;
    }
    then(x, record);
}

void record_read_for(struct exchange *x, record_handler *then)
{
    struct late *late = late_new(x);
    if (late == NULL) {
        reply_err(x, ERR_FULL);
        return;
    }
    late->then = then;
    const enum err e = reader_get(x->loop->redis, x->param, on_record, late);
    if (e != ERR_OK) {
        (void)late_take(late);
        reply_err(x, e);
        return;
    }
    metrics_add(x->loop->counters, COUNT_IN_FLIGHT, 1);
    metrics_add(x->loop->counters, COUNT_RECORD_READS, 1);
}
