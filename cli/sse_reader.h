/* SSE reader: bytes of an event stream in, events out (WHATWG HTML §9.2.6). Knows no socket.
 *
 * Lines end in LF, CR or CRLF, also across feeds. A leading byte order mark is dropped. An id with
 * NUL and a retry that is no number are ignored, as the standard says. A line or an event over the
 * limit is ERR_TOO_LARGE: the stream is of no use then. */
#ifndef LONGHAUL_CLI_SSE_READER_H
#define LONGHAUL_CLI_SSE_READER_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    SSE_EVENT_BYTES_MAX = 65536, /* a status object takes 2 KiB */
    SSE_ID_SIZE = 256,
    SSE_NAME_SIZE = 64,
};

struct sse_event {
    struct span name; /* "message" when unnamed */
    struct span data;
    struct span id; /* the last one seen, also of earlier events; empty at first */
};

/* Spans are valid during the call. False: stop reading. */
typedef bool (*sse_take)(void *self, const struct sse_event *event);

struct sse_reader {
    struct buf line, data;
    char name[SSE_NAME_SIZE];
    char id[SSE_ID_SIZE], last_id[SSE_ID_SIZE]; /* of this block; of the last finished one */
    int64_t retry_ms;                           /* -1 until the server said */
    bool has_data, skip_lf, started;
    sse_take take;
    void *self;
};

void sse_reader_init(struct sse_reader *r, sse_take take, void *self);
void sse_reader_clear(struct sse_reader *r);
/* ERR_CLOSED: `take` said stop. After an error the reader must only be cleared. */
MUST_CHECK enum err sse_reader_feed(struct sse_reader *r, struct span bytes);

#endif
