#include "core/record.h"

#include <limits.h>
#include <string.h>

enum field_type {
    FIELD_U64,
    FIELD_U32,
    FIELD_I64,
    FIELD_INT,
    FIELD_FLAG,
    FIELD_TEXT,
    FIELD_STATUS,
    FIELD_STAGE,
    FIELD_RUN
};

/* One hash field: where it goes and what it may be. `max` is bytes for text. */
struct field {
    struct span name;
    enum field_type type;
    bool required;
    size_t offset;
    uint64_t max;
};

enum {
    /* Our own texts and log; Redis holds what Lua wrote, so this only stops absurd values. */
    RECORD_LOG_MAX = JOB_LOG_MAX * 192,
};

#define NAME(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }
#define AT(member) offsetof(struct job_record, member)
#define TEXT(name, member, max)                                                                    \
    {                                                                                              \
        NAME(name), FIELD_TEXT, false, AT(member), max                                             \
    }
#define NUMBER(name, type, member, max)                                                            \
    {                                                                                              \
        NAME(name), type, false, AT(member), max                                                   \
    }
#define NEEDED(name, type, member, max)                                                            \
    {                                                                                              \
        NAME(name), type, true, AT(member), max                                                    \
    }

static const struct field fields[] = {
    NEEDED("status", FIELD_STATUS, status, 0),
    NEEDED("version", FIELD_U64, version, UINT64_MAX),
    NEEDED("fileId", FIELD_U64, file_id, JOB_FILE_ID_MAX),
    NEEDED("attempts", FIELD_U32, attempts, UINT32_MAX),
    NEEDED("createdAt", FIELD_I64, created_at_s, INT64_MAX),
    NEEDED("updatedAt", FIELD_I64, updated_at_s, INT64_MAX),
    NUMBER("progress", FIELD_INT, progress, 100),
    NUMBER("etaSeconds", FIELD_INT, eta_s, INT_MAX),
    NUMBER("maxAttempts", FIELD_U32, max_attempts, JOB_MAX_ATTEMPTS_MAX),
    NUMBER("stage", FIELD_STAGE, stage, 0),
    NUMBER("bytesDone", FIELD_U64, bytes_done, UINT64_MAX),
    NUMBER("bytesTotal", FIELD_I64, bytes_total, INT64_MAX),
    NUMBER("nextAttemptAt", FIELD_I64, next_attempt_at_s, INT64_MAX),
    NUMBER("errorRetryable", FIELD_FLAG, error_retryable, 1),
    NUMBER("size", FIELD_U64, size_bytes, INT64_MAX),
    NUMBER("artifactExpired", FIELD_FLAG, artifact_expired, 1),
    NUMBER("run", FIELD_RUN, fence, 0),
    NUMBER("cancel", FIELD_FLAG, cancel_wanted, 1),
    NUMBER("retries", FIELD_U32, retries, UINT32_MAX),
    TEXT("userId", user_id, JOB_USER_ID_MAX),
    TEXT("errorCode", error_code, JOB_CODE_MAX),
    TEXT("errorMessage", error_message, JOB_MESSAGE_MAX),
    TEXT("artifactKey", artifact_key, JOB_ARTIFACT_KEY_MAX),
    TEXT("fileName", file_name, JOB_FILE_NAME_MAX),
    TEXT("contentType", content_type, JOB_CONTENT_TYPE_MAX),
    TEXT("sha256", sha256_hex, SHA256_HEX_LEN),
    TEXT("log", log, RECORD_LOG_MAX),
};

enum { FIELD_COUNT = sizeof(fields) / sizeof(fields[0]) };
_Static_assert(FIELD_COUNT <= 32, "the set of seen fields is a uint32_t");

/* Writes `value` into a member of `size` bytes at `at`: the table knows offsets, not types. */
static void store(struct job_record *out, const struct field *f, const void *value, size_t size)
{
    memcpy((char *)out + f->offset, value, size);
}

static enum err read_unsigned(const struct field *f, struct span text, struct job_record *out)
{
    uint64_t n = 0;
    if (span_to_u64(text, &n) != ERR_OK || n > f->max) {
        return ERR_INVALID;
    }
    const uint32_t n32 = (uint32_t)n;
    const int i = (int)n32;
    const bool flag = n != 0;
    const int64_t n64 = (int64_t)n;
    switch (f->type) {
    case FIELD_U64:
        store(out, f, &n, sizeof(n));
        break;
    case FIELD_I64:
        store(out, f, &n64, sizeof(n64));
        break;
    case FIELD_U32:
        store(out, f, &n32, sizeof(n32));
        break;
    case FIELD_INT:
        store(out, f, &i, sizeof(i));
        break;
    case FIELD_FLAG:
        store(out, f, &flag, sizeof(flag));
        break;
    case FIELD_TEXT:
    case FIELD_STATUS:
    case FIELD_STAGE:
    case FIELD_RUN:
        return ERR_INTERNAL;
    }
    return ERR_OK;
}

/* "fence:deadlineMs:seen:score:broker:worker", or the fence alone while the job waits again. */
static enum err read_run(struct span text, struct job_record *out)
{
    enum { SKIPPED = 4 };
    struct span fence, skipped, rest;
    const bool attempt = span_cut(text, ':', &fence, &rest);
    for (int i = 0; i < SKIPPED && attempt; i++) {
        if (!span_cut(rest, ':', &skipped, &rest)) {
            return ERR_INVALID;
        }
    }
    out->worker_id = rest;
    return span_to_u64(fence, &out->fence);
}

static enum err read_field(const struct field *f, struct span text, struct job_record *out)
{
    if (f->type == FIELD_STATUS) {
        return job_status_parse(text, &out->status);
    }
    if (f->type == FIELD_STAGE) {
        return job_stage_parse(text, &out->stage);
    }
    if (f->type == FIELD_RUN) {
        return read_run(text, out);
    }
    if (f->type != FIELD_TEXT) {
        return read_unsigned(f, text, out);
    }
    if (text.len > f->max) {
        return ERR_INVALID;
    }
    store(out, f, &text, sizeof(text));
    return ERR_OK;
}

static size_t find_field(struct span name)
{
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (fields[i].name.len == name.len && memcmp(fields[i].name.ptr, name.ptr, name.len) == 0) {
            return i;
        }
    }
    return FIELD_COUNT;
}

static bool has_needed(uint32_t seen)
{
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (fields[i].required && (seen & (UINT32_C(1) << i)) == 0) {
            return false;
        }
    }
    return true;
}

static enum job_stage stage_of(const struct job_record *r)
{
    static const enum job_stage stages[JOB_STATUS_COUNT] = {
        [JOB_QUEUED] = STAGE_QUEUED,     [JOB_RUNNING] = STAGE_FETCHING,
        [JOB_COMPLETED] = STAGE_DONE,    [JOB_FAILED] = STAGE_FETCHING,
        [JOB_CANCELED] = STAGE_FETCHING,
    };
    const bool never_ran = r->status == JOB_CANCELED && r->worker_id.len == 0;
    return never_ran ? STAGE_QUEUED : stages[r->status];
}

/* What follows from the rest is not stored; what a report left behind may not count any more. */
static void derive(struct job_record *r, bool has_stage)
{
    if (!has_stage || r->status == JOB_COMPLETED) {
        r->stage = stage_of(r);
    }
    if (r->status != JOB_RUNNING) {
        r->eta_s = -1;
    }
    if (r->status == JOB_COMPLETED) {
        r->bytes_done = r->size_bytes;
        r->bytes_total = (int64_t)r->size_bytes;
        r->completed_at_s = r->updated_at_s;
    }
}

enum err job_record_decode(struct span job_id, const struct span *pairs, size_t count,
                           struct job_record *out)
{
    if (count == 0) {
        return ERR_NOT_FOUND;
    }
    if (count % 2 != 0 || !job_id_valid(job_id)) {
        return ERR_INVALID;
    }
    *out = (struct job_record){
        .progress = -1,
        .eta_s = -1,
        .max_attempts = JOB_MAX_ATTEMPTS_DEFAULT,
        .bytes_total = -1,
        .queue_position = -1,
    };
    TRY(span_copy(job_id, out->job_id, sizeof(out->job_id)));
    uint32_t seen = 0;
    bool has_stage = false;
    for (size_t i = 0; i < count; i += 2) {
        const size_t f = find_field(pairs[i]);
        if (f == FIELD_COUNT || pairs[i + 1].len == 0) {
            continue; /* not ours, or null */
        }
        TRY(read_field(&fields[f], pairs[i + 1], out));
        seen |= UINT32_C(1) << f;
        has_stage = has_stage || fields[f].type == FIELD_STAGE;
    }
    if (!has_needed(seen)) {
        return ERR_INVALID;
    }
    derive(out, has_stage);
    return ERR_OK;
}

/* ---- the log of transitions */

static bool status_of_letter(struct span letter, enum job_status *out)
{
    static const char letters[JOB_STATUS_COUNT] = {'q', 'r', 'c', 'f', 'x'};
    if (letter.len != 1) {
        return false;
    }
    for (size_t i = 0; i < JOB_STATUS_COUNT; i++) {
        if (letters[i] == letter.ptr[0]) {
            *out = (enum job_status)i;
            return true;
        }
    }
    return false;
}

static bool parse_transition(struct span entry, struct record_transition *out)
{
    struct span version, at, letter, attempt, rest = entry;
    span_cut(rest, ':', &version, &rest);
    span_cut(rest, ':', &at, &rest);
    span_cut(rest, ':', &letter, &rest);
    span_cut(rest, ':', &attempt, &rest);
    *out = (struct record_transition){0};
    span_cut(rest, ':', &out->worker_id, &out->error_code);
    if (span_to_u64(version, &out->version) != ERR_OK || span_to_i64(at, &out->at_s) != ERR_OK ||
        !status_of_letter(letter, &out->status)) {
        return false;
    }
    return attempt.len == 0 || span_to_u64(attempt, &out->attempt) == ERR_OK;
}

bool record_log_next(struct span *rest, struct record_transition *out)
{
    if (rest->len == 0) {
        return false;
    }
    struct span entry;
    span_cut(*rest, ';', &entry, rest);
    return parse_transition(entry, out);
}

uint64_t record_log_last(struct span log)
{
    size_t start = log.len;
    while (start > 0 && log.ptr[start - 1] != ';') {
        start--;
    }
    if (start == log.len) {
        return 0;
    }
    struct record_transition last;
    const struct span entry = {log.ptr + start, log.len - start};
    return parse_transition(entry, &last) ? last.version : 0;
}
