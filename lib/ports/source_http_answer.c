#include "core/transfer_rules.h"
#include "ports/source_http_private.h"

#include <string.h>

enum { HTTP_OK = 200, HTTP_PARTIAL = 206 };

static void take_etag(struct http_answer *a, struct span value)
{
    a->etag[0] = '\0';
    if (source_etag_strong(value)) {
        (void)!span_copy(value, a->etag, sizeof(a->etag));
    }
}

static void take_accept_ranges(struct http_answer *a, struct span value)
{
    a->accepts_ranges = span_eq_nocase(value, SPAN("bytes"));
}

static void take_content_range(struct http_answer *a, struct span value)
{
    a->has_range = source_content_range_parse(value, &a->range) == ERR_OK;
}

static void take_content_type(struct http_answer *a, struct span value)
{
    a->content_type[0] = '\0';
    if (source_content_type_valid(value)) {
        (void)!span_copy(value, a->content_type, sizeof(a->content_type));
    }
}

static void take_disposition(struct http_answer *a, struct span value)
{
    if (source_name_of_disposition(value, a->file_name) != ERR_OK) {
        a->file_name[0] = '\0';
    }
}

static const struct {
    struct span name;
    void (*take)(struct http_answer *a, struct span value);
} HEADERS[] = {
    {{"ETag", 4}, take_etag},
    {{"Accept-Ranges", 13}, take_accept_ranges},
    {{"Content-Range", 13}, take_content_range},
    {{"Content-Type", 12}, take_content_type},
    {{"Content-Disposition", 19}, take_disposition},
};

size_t http_on_header(char *line, size_t size, size_t count, void *context)
{
    struct http_source *h = context;
    const struct span text = {line, size * count};
    struct span name, value;
    if (span_starts(text, SPAN("HTTP/"))) {
        memset(&h->answer, 0, sizeof(h->answer));
    }
    h->answer.header_bytes += text.len;
    if (h->answer.header_bytes > HTTP_HEADERS_MAX) {
        return 0;
    }
    if (!source_header_split(text, &name, &value)) {
        return text.len;
    }
    for (size_t i = 0; i < sizeof(HEADERS) / sizeof(HEADERS[0]); i++) {
        if (span_eq_nocase(name, HEADERS[i].name)) {
            HEADERS[i].take(&h->answer, value);
        }
    }
    return text.len;
}

static void end_with(struct http_source *h, struct job_fault fault)
{
    if (!h->silent) {
        h->silent = true;
        h->listener.end(h->listener.context, &fault);
    }
}

static struct job_fault changed_fault(void)
{
    return job_fault_text(JOB_ERROR_SOURCE_UNREACHABLE, JOB_TEXT_CHANGED);
}

static bool begin(struct http_source *h)
{
    curl_off_t length = -1;
    const char *url = NULL;
    char url_name[FILE_NAME_SIZE];
    (void)curl_easy_getinfo(h->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    (void)curl_easy_getinfo(h->easy, CURLINFO_EFFECTIVE_URL, &url);
    if (url == NULL || source_name_of_url(span_of(url), url_name) != ERR_OK) {
        url_name[0] = '\0';
    }
    h->begun = true;
    h->total = length;
    memcpy(h->etag, h->answer.etag, sizeof(h->etag));
    h->accepts_ranges = h->answer.accepts_ranges;
    curl_off_t modified_s = -1;
    (void)curl_easy_getinfo(h->easy, CURLINFO_FILETIME_T, &modified_s);
    const struct source_info info = {
        .size_bytes = h->total,
        .modified_s = modified_s,
        .file_name = h->answer.file_name[0] != '\0' ? h->answer.file_name : url_name,
        .content_type = h->answer.content_type,
    };
    h->silent = !h->listener.begin(h->listener.context, &info);
    return !h->silent;
}

/* A 206 continues only what was broken off: same place, same length, same validator. */
static bool continues(const struct http_source *h)
{
    const struct http_answer *a = &h->answer;
    return a->has_range && a->range.first == h->received &&
           (h->total < 0 || a->range.total < 0 || a->range.total == h->total) &&
           (a->etag[0] == '\0' || strcmp(a->etag, h->etag) == 0);
}

/* Before the first byte of each answer, and at its end if it had none. */
static bool check_answer(struct http_source *h)
{
    long status = 0;
    curl_off_t retry_after_s = 0;
    if (h->checked) {
        return true;
    }
    h->checked = true;
    (void)curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &status);
    if (!h->begun && status == HTTP_OK) {
        return begin(h);
    }
    if (h->begun && status == HTTP_PARTIAL && continues(h)) {
        return true;
    }
    if (h->begun && (status == HTTP_OK || status == HTTP_PARTIAL)) {
        end_with(h, changed_fault());
        return false;
    }
    (void)curl_easy_getinfo(h->easy, CURLINFO_RETRY_AFTER, &retry_after_s);
    end_with(h, transfer_http_fault(status, retry_after_s));
    return false;
}

size_t http_on_body(char *data, size_t size, size_t count, void *context)
{
    struct http_source *h = context;
    const struct span bytes = {data, size * count};
    if (h->silent || !check_answer(h)) {
        return 0;
    }
    switch (h->listener.bytes(h->listener.context, bytes)) {
    case SOURCE_TAKEN:
        h->received += bytes.len;
        return bytes.len;
    case SOURCE_PAUSE:
        h->paused = true;
        return CURL_WRITEFUNC_PAUSE;
    case SOURCE_STOP:
    default:
        h->silent = true;
        return 0;
    }
}

static const struct {
    CURLcode code;
    enum job_error error;
    const char *message;
} CURL_FAULTS[] = {
    {CURLE_COULDNT_RESOLVE_HOST, JOB_ERROR_SOURCE_UNREACHABLE,
     "The source's name is not known. Try again later."},
    {CURLE_COULDNT_CONNECT, JOB_ERROR_SOURCE_UNREACHABLE,
     "The source could not be connected to. Try again later."},
    {CURLE_OPERATION_TIMEDOUT, JOB_ERROR_SOURCE_UNREACHABLE,
     "The source did not answer in time. Try again later."},
    {CURLE_PEER_FAILED_VERIFICATION, JOB_ERROR_SOURCE_UNREACHABLE,
     "The source could not prove its identity. Tell its operator."},
    {CURLE_TOO_MANY_REDIRECTS, JOB_ERROR_SOURCE_FORBIDDEN,
     "The source redirects too often. Tell its operator."},
    {CURLE_UNSUPPORTED_PROTOCOL, JOB_ERROR_SOURCE_FORBIDDEN,
     "The source redirects to a protocol that is not allowed. Tell its operator."},
    {CURLE_URL_MALFORMAT, JOB_ERROR_SOURCE_INVALID,
     "The source's address is not a URL. Tell the operator of the catalogue."},
    {CURLE_WRITE_ERROR, JOB_ERROR_SOURCE_INVALID,
     "The source's answer has too many headers. Tell its operator."},
    {CURLE_OUT_OF_MEMORY, JOB_ERROR_INTERNAL, JOB_TEXT_NO_MEMORY},
};

static struct job_fault curl_fault(const struct http_source *h, CURLcode result)
{
    /* The socket was refused by our own rule, which curl cannot tell from a failed connect. */
    if (h->refused && result == CURLE_COULDNT_CONNECT) {
        return job_fault_text(
            JOB_ERROR_SOURCE_FORBIDDEN,
            "The source has an address that may not be used. Ask the operator to allow it.");
    }
    long redirects = 0;
    (void)curl_easy_getinfo(h->easy, CURLINFO_REDIRECT_COUNT, &redirects);
    if (result == CURLE_UNSUPPORTED_PROTOCOL && redirects == 0) { /* e.g. HTTP/0.9 */
        return job_fault_text(JOB_ERROR_SOURCE_INVALID,
                              "The source does not speak HTTP/1.1. Tell its operator.");
    }
    for (size_t i = 0; i < sizeof(CURL_FAULTS) / sizeof(CURL_FAULTS[0]); i++) {
        if (CURL_FAULTS[i].code == result) {
            return job_fault_text(CURL_FAULTS[i].error, CURL_FAULTS[i].message);
        }
    }
    return job_fault_of(JOB_ERROR_SOURCE_UNREACHABLE);
}

static bool may_resume(const struct http_source *h, CURLcode result)
{
    const struct transfer_break b = {.strong_etag = h->etag[0] != '\0',
                                     .accepts_ranges = h->accepts_ranges,
                                     .received = h->received,
                                     .resumes = h->resumes};
    return h->begun && curl_fault(h, result).error == JOB_ERROR_SOURCE_UNREACHABLE &&
           transfer_may_resume(&b);
}

bool http_finish(struct http_source *h, CURLcode result)
{
    if (h->silent) {
        return false;
    }
    if (result == CURLE_OK && !check_answer(h)) {
        return false;
    }
    const bool whole = h->total < 0 || h->received == (uint64_t)h->total;
    if (result == CURLE_OK && whole) {
        end_with(h, JOB_FAULT_NONE);
        return false;
    }
    if (may_resume(h, result == CURLE_OK ? CURLE_PARTIAL_FILE : result)) {
        return true;
    }
    end_with(h, curl_fault(h, result == CURLE_OK ? CURLE_PARTIAL_FILE : result));
    return false;
}
