#include "core/transfer_rules.h"

#include <string.h>

enum { RESUME_DELAY_MS = 200, HTTP_SERVER_ERROR = 500, HTTP_STATUS_END = 600 };

static const struct {
    long status;
    enum job_error error;
} HTTP_FAULTS[] = {
    {401, JOB_ERROR_SOURCE_FORBIDDEN},   {403, JOB_ERROR_SOURCE_FORBIDDEN},
    {404, JOB_ERROR_SOURCE_NOT_FOUND},   {407, JOB_ERROR_SOURCE_FORBIDDEN},
    {408, JOB_ERROR_SOURCE_UNREACHABLE}, {410, JOB_ERROR_SOURCE_NOT_FOUND},
    {425, JOB_ERROR_SOURCE_UNREACHABLE}, {429, JOB_ERROR_SOURCE_UNREACHABLE},
    {451, JOB_ERROR_SOURCE_FORBIDDEN},
};

static enum job_error http_error(long status)
{
    for (size_t i = 0; i < sizeof(HTTP_FAULTS) / sizeof(HTTP_FAULTS[0]); i++) {
        if (HTTP_FAULTS[i].status == status) {
            return HTTP_FAULTS[i].error;
        }
    }
    return status >= HTTP_SERVER_ERROR && status < HTTP_STATUS_END ? JOB_ERROR_SOURCE_UNREACHABLE
                                                                   : JOB_ERROR_SOURCE_INVALID;
}

struct job_fault transfer_http_fault(long status, int64_t retry_after_s)
{
    struct job_fault fault = job_fault_of(http_error(status));
    if (fault.error == JOB_ERROR_SOURCE_UNREACHABLE) {
        fault.message = "The source is busy or out of order. Try again later.";
        const int64_t wait_s =
            retry_after_s > TRANSFER_RETRY_AFTER_MAX_S ? TRANSFER_RETRY_AFTER_MAX_S : retry_after_s;
        fault.retry_after_ms = wait_s > 0 ? (uint32_t)wait_s * 1000 : 0;
    }
    return fault;
}

struct job_fault transfer_verify(const struct transfer_expect *expect, uint64_t size_bytes,
                                 const unsigned char sha256[SHA256_SIZE])
{
    if (expect->has_job_sha256 && memcmp(expect->job_sha256, sha256, SHA256_SIZE) != 0) {
        return job_fault_final(
            JOB_ERROR_CHECKSUM_MISMATCH,
            "The file does not have the requested SHA-256. Check the one that was asked "
            "for.");
    }
    if (expect->size_bytes >= 0 && (uint64_t)expect->size_bytes != size_bytes) {
        return job_fault_text(JOB_ERROR_CHECKSUM_MISMATCH, JOB_TEXT_OTHER_SIZE);
    }
    if (expect->has_catalogue_sha256 &&
        memcmp(expect->catalogue_sha256, sha256, SHA256_SIZE) != 0) {
        return job_fault_text(
            JOB_ERROR_CHECKSUM_MISMATCH,
            "The file does not have the SHA-256 that the catalogue names. Tell its "
            "operator.");
    }
    return JOB_FAULT_NONE;
}

struct job_fault transfer_verify_size(const struct transfer_expect *expect, int64_t announced,
                                      uint64_t bytes_max)
{
    if (announced >= 0 && (uint64_t)announced > bytes_max) {
        return job_fault_of(JOB_ERROR_SOURCE_TOO_LARGE);
    }
    if (announced >= 0 && expect->size_bytes >= 0 && announced != expect->size_bytes) {
        return job_fault_text(JOB_ERROR_CHECKSUM_MISMATCH, JOB_TEXT_OTHER_SIZE);
    }
    return JOB_FAULT_NONE;
}

bool transfer_may_resume(const struct transfer_break *b)
{
    return b->strong_etag && b->accepts_ranges && b->received > 0 &&
           b->resumes < TRANSFER_RESUMES_MAX;
}

int64_t transfer_resume_delay_ms(unsigned resumes)
{
    return resumes == 0 ? 0 : (int64_t)RESUME_DELAY_MS << (resumes - 1);
}

static bool class_name_valid(struct span name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] <= ' ' || name.ptr[i] > '~') {
            return false;
        }
    }
    return name.len > 0 && name.len < CLASS_NAME_SIZE;
}

static enum err class_timeout_parse(struct span item, struct class_timeouts *out)
{
    struct span name, seconds;
    uint64_t timeout_s;
    if (out->count == CLASS_TIMEOUTS_MAX) {
        return ERR_FULL;
    }
    if (!span_cut(item, '=', &name, &seconds) || !class_name_valid(name)) {
        return ERR_INVALID;
    }
    TRY(span_to_u64(seconds, &timeout_s));
    if (timeout_s < CLASS_TIMEOUT_S_MIN || timeout_s > CLASS_TIMEOUT_S_MAX) {
        return ERR_INVALID;
    }
    for (size_t i = 0; i < out->count; i++) {
        if (span_eq(name, span_of(out->items[i].name))) {
            return ERR_EXISTS;
        }
    }
    TRY(span_copy(name, out->items[out->count].name, CLASS_NAME_SIZE));
    out->items[out->count].timeout_ms = (uint32_t)timeout_s * 1000;
    out->count++;
    return ERR_OK;
}

enum err class_timeouts_parse(struct span text, struct class_timeouts *out)
{
    out->count = 0;
    bool more = span_trim(text).len > 0;
    while (more) {
        struct span item;
        more = span_cut(text, ',', &item, &text);
        TRY(class_timeout_parse(span_trim(item), out));
    }
    return ERR_OK;
}

uint32_t class_timeouts_cap(const struct class_timeouts *t, struct span class_name,
                            uint32_t timeout_ms)
{
    for (size_t i = 0; class_name.len > 0 && i < t->count; i++) {
        if (span_eq(class_name, span_of(t->items[i].name))) {
            return t->items[i].timeout_ms < timeout_ms ? t->items[i].timeout_ms : timeout_ms;
        }
    }
    return timeout_ms;
}
