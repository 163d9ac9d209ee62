// links: base core
/* The bodies of an operator's requests. What is taken keeps the rules, and what is refused says
 * why. */
#include "core/admin_request.h"

#include <assert.h>

static void check_refusal(enum err e, const struct admin_refusal *refusal)
{
    assert(e == ERR_OK || e == ERR_NOMEM ||
           (refusal->detail[0] != '\0' && problem_def(refusal->code)->http_status >= 400));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct admin_jobs jobs;
    struct admin_refusal refusal = {0};
    bool on = false;
    const struct span body = {(const char *)data, size};
    enum err e = admin_jobs_read(body, &jobs, &refusal);
    check_refusal(e, &refusal);
    if (e == ERR_OK) {
        assert(jobs.count >= 1 && jobs.count <= ADMIN_JOBS_MAX);
        for (size_t i = 0; i < jobs.count; i++) {
            assert(job_id_valid(span_of(jobs.ids[i])));
        }
    }
    refusal = (struct admin_refusal){0};
    e = admin_drain_read(body, &on, &refusal);
    check_refusal(e, &refusal);
    return 0;
}
