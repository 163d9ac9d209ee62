#include "core/problem.h"

#include <assert.h>

#define TEXT(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }
#define DEF(name, status, retry_after, title, detail)                                              \
    [PROBLEM_##name] = {TEXT(#name), status, retry_after, TEXT(title), TEXT(detail)}

static const struct problem_def DEFS[PROBLEM_CODE_COUNT] = {
    DEF(BAD_REQUEST, 400, 0, "The request is malformed",
        "The request does not follow the rules of HTTP or of this API."),
    DEF(VALIDATION_FAILED, 400, 0, "A value is not valid",
        "A member of the request is missing, unknown, of the wrong type or out of range."),
    DEF(MALFORMED_JSON, 400, 0, "The body is not valid JSON",
        "The body could not be read as JSON."),
    DEF(IDEMPOTENCY_KEY_INVALID, 400, 0, "The Idempotency-Key is not valid",
        "Idempotency-Key must be 1 to 255 visible ASCII characters, bare or as a quoted string."),
    DEF(UNAUTHENTICATED, 401, 0, "Who you are is not known",
        "This service needs a valid token; the header WWW-Authenticate says of what kind."),
    DEF(FORBIDDEN, 403, 0, "This is not allowed", "The caller may not do this."),
    DEF(LINK_INVALID, 403, 0, "The link is not valid",
        "The link was not issued by this service, or it was changed."),
    DEF(LINK_EXPIRED, 403, 0, "The link has expired",
        "Ask for the download again to get a fresh link."),
    DEF(NOT_FOUND, 404, 0, "There is nothing here", "No resource has this path."),
    DEF(JOB_NOT_FOUND, 404, 0, "There is no such job",
        "No job has this id, or it is past its retention."),
    DEF(METHOD_NOT_ALLOWED, 405, 0, "The method is not allowed here",
        "The header Allow lists the methods of this path."),
    DEF(NOT_READY, 409, 1, "The job is not completed yet",
        "The file can be had when the job's status is completed."),
    DEF(NOT_AVAILABLE, 409, 0, "The job made no file",
        "The job failed or was canceled; there is no file to download."),
    DEF(ALREADY_TERMINAL, 409, 0, "The job has ended already",
        "A job that completed or failed cannot be canceled."),
    DEF(RETRY_LIMIT, 409, 0, "The job was retried too often",
        "A job can be retried by hand at most 3 times. Start a new one."),
    DEF(NOT_RETRYABLE, 409, 0, "The job cannot be retried",
        "Only a job that failed or was canceled can be retried."),
    DEF(JOB_ACTIVE, 409, 0, "The job is still active",
        "Cancel the job, or wait for its end, before removing it."),
    DEF(IDEMPOTENCY_IN_FLIGHT, 409, 1, "The first request is still in flight",
        "A request with this Idempotency-Key is being handled. Repeat it in a moment."),
    DEF(ARTIFACT_EXPIRED, 410, 0, "The file is gone",
        "The file is past its retention. Start a new job to get it again."),
    DEF(PRECONDITION_FAILED, 412, 0, "The file is not the one that was meant",
        "If-Match or If-Unmodified-Since names another version than there is."),
    DEF(BODY_TOO_LARGE, 413, 0, "The body is too large", "A body may have at most 65536 bytes."),
    DEF(URI_TOO_LONG, 414, 0, "The address is too long",
        "The path or query is longer than this service reads."),
    DEF(UNSUPPORTED_MEDIA_TYPE, 415, 0, "The content type is not supported",
        "Send the body as application/json in UTF-8."),
    DEF(RANGE_NOT_SATISFIABLE, 416, 0, "The range is outside of the file",
        "The header Content-Range says how long the file is."),
    DEF(EXPECTATION_FAILED, 417, 0, "The expectation cannot be met",
        "Expect may only be 100-continue."),
    DEF(IDEMPOTENCY_CONFLICT, 422, 0, "The Idempotency-Key was used with another body",
        "Use a new key for a new request, or repeat the first body unchanged."),
    DEF(QUOTA_EXCEEDED, 429, 5, "Too many active jobs",
        "This user has as many active jobs as allowed. Wait for one to end, or cancel one."),
    DEF(RATE_LIMITED, 429, 1, "Too many requests", "Slow down; the header Retry-After says how."),
    DEF(HEADERS_TOO_LARGE, 431, 0, "The headers are too large",
        "All header lines together may have at most 32768 bytes."),
    DEF(INTERNAL, 500, 0, "Something went wrong here",
        "An unexpected error occurred. The requestId helps to find it."),
    DEF(QUEUE_FULL, 503, 5, "The queue is full",
        "No more jobs can be accepted right now. Nothing was recorded."),
    DEF(UNAVAILABLE, 503, 1, "The service is not available right now",
        "A part that this request needs is away. It is safe to repeat with the same key."),
};

const struct problem_def *problem_def(enum problem_code code)
{
    assert(code < PROBLEM_CODE_COUNT);
    return &DEFS[code];
}

const char *problem_reason(uint16_t http_status)
{
    static const struct {
        uint16_t status;
        const char *reason;
    } reasons[] = {
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {409, "Conflict"},
        {410, "Gone"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
    };
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].status == http_status) {
            return reasons[i].reason;
        }
    }
    return "Error";
}

static void add_member(struct buf *out, const char *opening, struct span value)
{
    (void)buf_text(out, opening);
    (void)buf_json_string(out, value);
}

void problem_render(const struct problem *p, struct buf *out)
{
    const struct problem_def *def = problem_def(p->code);
    (void)buf_text(out, "{\"type\":\"/docs/errors#");
    (void)buf_span(out, def->code);
    add_member(out, "\",\"title\":", def->title);
    (void)buf_text(out, ",\"status\":");
    (void)buf_u64(out, def->http_status);
    add_member(out, ",\"detail\":", p->detail.len > 0 ? p->detail : def->detail);
    add_member(out, ",\"instance\":", p->instance);
    add_member(out, ",\"code\":", def->code);
    add_member(out, ",\"requestId\":", p->request_id);
    if (p->has_pointer) {
        add_member(out, ",\"pointer\":", p->pointer);
    }
    (void)buf_char(out, '}');
}
