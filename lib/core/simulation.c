#include "core/simulation.h"

#include "core/progress_rate.h"

enum { PACE_MS = 50 }; /* how often a slow artifact gets its next bytes */

static struct job_fault planned_fault(const struct simulate *plan, uint32_t failures)
{
    if (failures >= plan->fail_attempts) {
        return JOB_FAULT_NONE;
    }
    const enum job_error e = job_error_parse(plan->error_code);
    return job_fault_text(
        e != JOB_ERROR_NONE ? e : JOB_ERROR_INTERNAL,
        "This failure was asked for by the simulation. Try again to see it go on.");
}

void simulation_init(struct simulation *s, const struct simulate *plan, uint32_t failures)
{
    const int percent = plan->stall_at_percent > 100 ? 100 : (int)plan->stall_at_percent;
    *s = (struct simulation){
        .duration_ms = plan->duration_ms,
        .report_ms = plan->progress_ms,
        .size_bytes = plan->size_bytes,
        .stall_at_percent = plan->stalls ? percent : -1,
        .stall_at_ms = plan->stalls ? (int64_t)plan->duration_ms * percent / 100 : -1,
        .fault = planned_fault(plan, failures),
    };
}

/* size * part / whole without overflow. */
static uint64_t scaled(uint64_t size, int64_t part, int64_t whole)
{
    return (uint64_t)((__extension__(unsigned __int128) size) * (uint64_t)part / (uint64_t)whole);
}

static struct meter meter_at(const struct simulation *s, int64_t moved_ms, uint64_t bytes_done)
{
    struct meter m = {.eta_s = -1, .stage = STAGE_FETCHING, .bytes_total = (int64_t)s->size_bytes};
    m.bytes_done = bytes_done;
    if (s->duration_ms == 0) {
        m.percent = progress_percent(bytes_done, (int64_t)s->size_bytes);
        return m;
    }
    /* Seen only at report times, so that reports come in the rhythm that was asked for. */
    const int64_t seen_ms = s->report_ms == 0 ? 0 : moved_ms - moved_ms % s->report_ms;
    m.percent = progress_percent((uint64_t)seen_ms, s->duration_ms);
    m.eta_s = (int)((s->duration_ms - seen_ms + 999) / 1000);
    return m;
}

static int64_t next_change_ms(const struct simulation *s, int64_t elapsed_ms, bool moving)
{
    if (!moving) {
        return -1;
    }
    int64_t next = s->duration_ms;
    if (s->size_bytes > 0 && elapsed_ms + PACE_MS < next) {
        next = elapsed_ms + PACE_MS;
    }
    if (s->report_ms > 0) {
        const int64_t report = elapsed_ms - elapsed_ms % s->report_ms + s->report_ms;
        next = report < next ? report : next;
    }
    return next;
}

struct simulation_state simulation_at(const struct simulation *s, int64_t elapsed_ms,
                                      uint64_t bytes_done)
{
    struct simulation_state st = {.stalled_ms = 0};
    int64_t moved_ms = elapsed_ms < s->duration_ms ? elapsed_ms : s->duration_ms;
    if (s->stall_at_ms >= 0 && elapsed_ms >= s->stall_at_ms) {
        moved_ms = s->stall_at_ms;
        st.stalled_ms = elapsed_ms - s->stall_at_ms + 1;
    }
    if (st.stalled_ms > 0) {
        st.bytes_due = scaled(s->size_bytes, s->stall_at_percent, 100);
    } else {
        st.bytes_due =
            s->duration_ms == 0 ? s->size_bytes : scaled(s->size_bytes, moved_ms, s->duration_ms);
    }
    st.time_over = st.stalled_ms == 0 && moved_ms >= s->duration_ms;
    st.meter = meter_at(s, moved_ms, bytes_done);
    if (st.stalled_ms > 0) {
        st.meter.percent = s->stall_at_percent; /* who watches is to see where it stands still */
    }
    st.next_ms = next_change_ms(s, elapsed_ms, st.stalled_ms == 0 && !st.time_over);
    return st;
}

void simulation_fill(uint64_t offset, unsigned char *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const uint64_t at = offset + i;
        out[i] = (unsigned char)(at ^ (at >> 8) ^ (at >> 16));
    }
}
