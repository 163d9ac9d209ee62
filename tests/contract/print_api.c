// links: base core wire gateway
/* Prints what the C code knows of the API, as one JSON object: routes, pages, closed lists, limits.
 * tests/contract/table.test.mjs compares it with docs/openapi.yaml, both ways. */
#include "base/buf.h"
#include "core/idempotency.h"
#include "core/initiate.h"
#include "core/job.h"
#include "core/job_error.h"
#include "core/job_list.h"
#include "core/link.h"
#include "core/problem.h"
#include "core/sse.h"
#include "core/status_json.h"
#include "core/stream_cursor.h"
#include "core/ticket.h"
#include "gateway/assets.h"
#include "gateway/framing.h"
#include "gateway/rate_limits.h"
#include "gateway/request_ids.h"
#include "gateway/routes.h"

#include <inttypes.h>
#include <stdio.h>

enum { OUTPUT_MAX = 1 << 20 };

struct limit {
    const char *name;
    uint64_t value;
};

static const struct limit limits[] = {
    {"INITIATE_BODY_MAX", INITIATE_BODY_MAX},
    {"INITIATE_DELAY_S_MAX", INITIATE_DELAY_S_MAX},
    {"INITIATE_TIMEOUT_S_MIN", INITIATE_TIMEOUT_S_MIN},
    {"INITIATE_PRIORITY_MAX", INITIATE_PRIORITY_MAX},
    {"INITIATE_FAIL_ATTEMPTS_MAX", INITIATE_FAIL_ATTEMPTS_MAX},
    {"INITIATE_PROGRESS_MS_DEFAULT", INITIATE_PROGRESS_MS_DEFAULT},
    {"INITIATE_SIMULATED_BYTES_MAX", INITIATE_SIMULATED_BYTES_MAX},
    {"JOB_FILE_ID_MAX", JOB_FILE_ID_MAX},
    {"JOB_FILE_IDS_MAX", JOB_FILE_IDS_MAX},
    {"JOB_USER_ID_MAX", JOB_USER_ID_MAX},
    {"JOB_FILE_NAME_MAX", JOB_FILE_NAME_MAX},
    {"JOB_CONTENT_TYPE_MAX", JOB_CONTENT_TYPE_MAX},
    {"JOB_MESSAGE_MAX", JOB_MESSAGE_MAX},
    {"JOB_ARTIFACT_KEY_MAX", JOB_ARTIFACT_KEY_MAX},
    {"JOB_WORKER_ID_MAX", JOB_WORKER_ID_MAX},
    {"JOB_PRIORITY_DEFAULT", JOB_PRIORITY_DEFAULT},
    {"JOB_MAX_ATTEMPTS_DEFAULT", JOB_MAX_ATTEMPTS_DEFAULT},
    {"JOB_MAX_ATTEMPTS_MAX", JOB_MAX_ATTEMPTS_MAX},
    {"JOB_TIMEOUT_S_MAX", JOB_TIMEOUT_MS_MAX / 1000},
    {"JOB_TIMEOUT_MS_MAX", JOB_TIMEOUT_MS_MAX},
    {"JOB_LOG_MAX", JOB_LOG_MAX},
    {"JOB_MANUAL_RETRIES_MAX", JOB_MANUAL_RETRIES_MAX},
    {"JOB_STATUS_COUNT", JOB_STATUS_COUNT},
    {"JOB_LIST_LIMIT_DEFAULT", JOB_LIST_LIMIT_DEFAULT},
    {"JOB_LIST_LIMIT_MAX", JOB_LIST_LIMIT_MAX},
    {"STREAM_JOBS_MAX", STREAM_JOBS_MAX},
    {"STREAM_CURSOR_MAX", STREAM_CURSOR_MAX},
    {"SSE_RETRY_MS", SSE_RETRY_MS},
    {"IDEMPOTENCY_KEY_MAX", IDEMPOTENCY_KEY_MAX},
    {"TICKET_TTL_S", TICKET_TTL_S},
    {"LINK_LEFT_S_MIN", LINK_LEFT_S_MIN},
    {"FRAMING_TARGET_MAX", FRAMING_TARGET_MAX},
    {"FRAMING_FIELDS_MAX", FRAMING_FIELDS_MAX},
    {"REQUEST_ID_MAX", REQUEST_ID_MAX},
    {"RATE_JOBS_A_TOKEN", RATE_JOBS_A_TOKEN},
};

static void text(struct buf *out, const char *name, struct span value)
{
    (void)buf_printf(out, "\"%s\":", name);
    (void)buf_json_string(out, value);
}

/* A comma, but for the first of a list. */
static void next(struct buf *out, size_t index)
{
    (void)buf_text(out, index > 0 ? ",\n" : "\n");
}

static void print_routes(struct buf *out)
{
    size_t count, printed = 0;
    const struct route *routes = routes_all(&count);
    (void)buf_text(out, "\"routes\":[");
    for (size_t i = 0; i < count; i++) {
        if (routes[i].handler == NULL) {
            continue;
        }
        next(out, printed++);
        (void)buf_char(out, '{');
        text(out, "method", routes[i].method);
        (void)buf_char(out, ',');
        text(out, "pattern", routes[i].pattern);
        (void)buf_printf(out, ",\"bodyMax\":%zu}", routes[i].body_max);
    }
    (void)buf_text(out, "],\n\"pages\":[");
    for (size_t i = 0; assets_address(i) != NULL; i++) {
        next(out, i);
        (void)buf_json_string(out, span_of(assets_address(i)));
    }
    (void)buf_text(out, "],\n");
}

static void print_problems(struct buf *out)
{
    (void)buf_text(out, "\"problems\":[");
    for (enum problem_code c = 0; c < PROBLEM_CODE_COUNT; c++) {
        const struct problem_def *def = problem_def(c);
        next(out, c);
        (void)buf_char(out, '{');
        text(out, "code", def->code);
        (void)buf_printf(out, ",\"status\":%u,\"retryAfter\":%u,", def->http_status,
                         def->retry_after_s);
        text(out, "title", def->title);
        (void)buf_char(out, ',');
        text(out, "detail", def->detail);
        (void)buf_char(out, '}');
    }
    (void)buf_text(out, "],\n");
}

static void print_job_errors(struct buf *out)
{
    (void)buf_text(out, "\"jobErrors\":[");
    for (enum job_error e = JOB_ERROR_NONE + 1; e < JOB_ERROR_COUNT; e++) {
        next(out, e - 1U);
        (void)buf_char(out, '{');
        text(out, "code", job_error_code(e));
        (void)buf_printf(out, ",\"retryable\":%s,", job_error_retryable(e) ? "true" : "false");
        text(out, "message", span_of(job_error_message(e)));
        (void)buf_char(out, '}');
    }
    (void)buf_text(out, "],\n");
}

static void print_names(struct buf *out)
{
    (void)buf_text(out, "\"statuses\":[");
    for (enum job_status s = 0; s < JOB_STATUS_COUNT; s++) {
        next(out, s);
        (void)buf_json_string(out, span_of(job_status_name(s)));
    }
    (void)buf_text(out, "],\n\"stages\":[");
    for (enum job_stage s = 0; s < STAGE_COUNT; s++) {
        next(out, s);
        (void)buf_json_string(out, span_of(job_stage_name(s)));
    }
    next(out, STAGE_COUNT);
    (void)buf_json_string(out, SPAN(STATUS_STAGE_CANCELING));
    (void)buf_text(out, "],\n");
}

static void print_limits(struct buf *out)
{
    (void)buf_text(out, "\"limits\":{");
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        next(out, i);
        (void)buf_printf(out, "\"%s\":%" PRIu64, limits[i].name, limits[i].value);
    }
    (void)buf_text(out, "}");
}

/* What a body that leaves all of it out is read as. */
static enum err print_defaults(struct buf *out)
{
    static const struct initiate_rules rules = {.allow_simulate = true};
    struct initiate_refusal refusal;
    struct initiate_request r;
    TRY(initiate_parse(SPAN("{\"file_id\":1,\"options\":{\"simulate\":{}}}"), &rules, &r,
                       &refusal));
    const struct simulate *s = &r.spec.simulate;
    const struct limit defaults[] = {
        {"priority", r.priority},
        {"delaySeconds", r.delay_ms / 1000},
        {"timeoutSeconds", r.timeout_ms / 1000},
        {"maxAttempts", r.max_attempts},
        {"durationMs", s->duration_ms},
        {"progressMs", s->progress_ms},
        {"size", s->size_bytes},
        {"failAttempts", s->fail_attempts},
    };
    (void)buf_text(out, ",\n\"defaults\":{");
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++) {
        next(out, i);
        (void)buf_printf(out, "\"%s\":%" PRIu64, defaults[i].name, defaults[i].value);
    }
    initiate_clear(&r);
    return buf_text(out, "}");
}

int main(void)
{
    struct buf out;
    buf_init(&out, OUTPUT_MAX);
    (void)buf_char(&out, '{');
    print_routes(&out);
    print_problems(&out);
    print_job_errors(&out);
    print_names(&out);
    print_limits(&out);
    const enum err e = print_defaults(&out);
    (void)buf_text(&out, "}\n");
    const int status = e == ERR_OK && buf_error(&out) == ERR_OK ? 0 : 1;
    (void)fwrite(out.data, 1, out.len, stdout);
    buf_clear(&out);
    return status;
}
