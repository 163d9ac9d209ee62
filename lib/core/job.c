#include "core/job.h"

static const char *const status_names[JOB_STATUS_COUNT] = {
    [JOB_QUEUED] = "queued", [JOB_RUNNING] = "running",   [JOB_COMPLETED] = "completed",
    [JOB_FAILED] = "failed", [JOB_CANCELED] = "canceled",
};

static const char *const stage_names[STAGE_COUNT] = {
    [STAGE_QUEUED] = "queued",       [STAGE_FETCHING] = "fetching", [STAGE_PACKING] = "packing",
    [STAGE_UPLOADING] = "uploading", [STAGE_DONE] = "done",
};

static enum err name_index(const char *const *names, size_t count, struct span text, size_t *out)
{
    for (size_t i = 0; i < count; i++) {
        if (span_eq(span_of(names[i]), text)) {
            *out = i;
            return ERR_OK;
        }
    }
    return ERR_INVALID;
}

const char *job_status_name(enum job_status s)
{
    return (unsigned)s < JOB_STATUS_COUNT ? status_names[s] : "unknown";
}

enum err job_status_parse(struct span text, enum job_status *out)
{
    size_t i = 0;
    TRY(name_index(status_names, JOB_STATUS_COUNT, text, &i));
    *out = (enum job_status)i;
    return ERR_OK;
}

bool job_status_terminal(enum job_status s)
{
    return s == JOB_COMPLETED || s == JOB_FAILED || s == JOB_CANCELED;
}

const char *job_stage_name(enum job_stage s)
{
    return (unsigned)s < STAGE_COUNT ? stage_names[s] : "unknown";
}

enum err job_stage_parse(struct span text, enum job_stage *out)
{
    size_t i = 0;
    TRY(name_index(stage_names, STAGE_COUNT, text, &i));
    *out = (enum job_stage)i;
    return ERR_OK;
}
