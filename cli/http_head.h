/* HTTP head: what we need of an answer's status line and headers. Text too long for its field is as
 * if it were not there. Pure. */
#ifndef LONGHAUL_CLI_HTTP_HEAD_H
#define LONGHAUL_CLI_HTTP_HEAD_H

#include "base/span.h"
#include "core/source_headers.h"

#include <stdint.h>

struct http_head {
    long status; /* 0: no answer yet */
    char content_type[128];
    char etag[ETAG_SIZE];
    char disposition[1024];
    char content_range[80];
    char date[64];
};

/* One line as it came, with its line end. A status line begins a new head. */
void http_head_line(struct http_head *h, struct span line);

#endif
