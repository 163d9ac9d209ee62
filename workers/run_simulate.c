#include "workers/worker.h"

#include <inttypes.h>
#include <stdio.h>

void simulate_begin(struct run *r, const struct wire_assign *a, const struct job_spec *spec)
{
    if (!r->worker->config->allow_simulate) {
        run_fail(r, job_fault_text(JOB_ERROR_INTERNAL,
                                   "This worker runs no simulated jobs. Tell its operator."));
        return;
    }
    simulation_init(&r->simulation, &spec->simulate, a->failures);
    r->total = (int64_t)r->simulation.size_bytes;
    if (r->file_name[0] == '\0') {
        (void)snprintf(r->file_name, sizeof(r->file_name), "simulated-%" PRIu64 ".bin", a->file_id);
    }
}

static void make_bytes(struct run *r, uint64_t due)
{
    const uint64_t missing = due - r->received;
    const size_t len = missing < SOURCE_CHUNK_MAX ? (size_t)missing : SOURCE_CHUNK_MAX;
    if (len > 0) {
        simulation_fill(r->received, r->worker->chunk, len);
        (void)run_intake(r, (struct span){(const char *)r->worker->chunk, len});
    }
}

int64_t simulate_turn(struct run *r, int64_t now_ms)
{
    const struct simulation_state st =
        simulation_at(&r->simulation, now_ms - r->started_ms, r->received);
    if (st.bytes_due > r->received) {
        make_bytes(r, st.bytes_due);
    }
    const int64_t unsaid_ms = r->simulation.report_ms > 0 ? run_progress(r, &st.meter) : -1;
    if (st.time_over && r->received == r->simulation.size_bytes) {
        run_fail(r, r->simulation.fault);
        return now_ms;
    }
    const int64_t stall_ms = r->worker->config->stall_ms;
    if (st.stalled_ms > stall_ms) {
        run_fail(r, job_fault_of(JOB_ERROR_SOURCE_STALLED));
        return now_ms;
    }
    if (r->received < st.bytes_due) {
        return now_ms; /* more of it is due already */
    }
    if (st.next_ms >= 0) {
        return r->started_ms + st.next_ms;
    }
    /* It stands still: what it stands at is said as soon as another report may leave. */
    const int64_t stalled_until_ms = now_ms + stall_ms + 1 - st.stalled_ms;
    return unsaid_ms >= 0 && unsaid_ms < stalled_until_ms ? unsaid_ms : stalled_until_ms;
}
