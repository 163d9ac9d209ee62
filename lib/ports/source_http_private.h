/* What the two halves of source_http share: source_http.c drives the multi, source_http_answer.c
 * reads answers and decides how a transfer ends. */
#ifndef LONGHAUL_PORTS_SOURCE_HTTP_PRIVATE_H
#define LONGHAUL_PORTS_SOURCE_HTTP_PRIVATE_H

#include "base/list.h"
#include "core/source_headers.h"
#include "core/source_names.h"
#include "ports/source_http.h"

#include <curl/curl.h>

enum { HTTP_HEADERS_MAX = 65536 }; /* bytes of one answer's header lines */

/* What the answer that is being read has said so far. Starts anew with each status line. */
struct http_answer {
    size_t header_bytes;
    bool accepts_ranges, has_range;
    struct content_range range;
    char etag[ETAG_SIZE]; /* strong ones only; "" none */
    char content_type[CONTENT_TYPE_SIZE];
    char file_name[FILE_NAME_SIZE];
};

struct http_sources {
    CURLM *multi;
    const struct cidr_list *allow;
    int epoll_fd;
    int64_t now_ms;
    int64_t timer_ms;    /* when curl wants to be called; -1 never */
    struct list waiting; /* http_source.link: to be resumed at resume_at_ms */
};

struct http_source {
    struct source base;
    struct http_sources *owner;
    struct source_listener listener;
    CURL *easy;
    struct curl_slist *headers; /* of a resumed request */
    struct list link;           /* in owner->waiting, or unlinked */
    int64_t resume_at_ms;
    struct http_answer answer;
    char etag[ETAG_SIZE]; /* of the answer that began it */
    bool accepts_ranges, begun, silent, refused, checked;
    bool paused; /* curl keeps the bytes that were not taken */
    uint64_t received;
    int64_t total; /* -1 unknown */
    unsigned resumes;
    char *url; /* owned */
};

size_t http_on_header(char *line, size_t size, size_t count, void *context);
size_t http_on_body(char *data, size_t size, size_t count, void *context);
/* The transfer is over for curl. True: it shall be resumed; false: the listener has been told. */
bool http_finish(struct http_source *h, CURLcode result);

#endif
