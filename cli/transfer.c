#include "cli/fetch_private.h"

#include "base/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SILENCE_MS = 30000, HEADER_SIZE = ETAG_SIZE + 32 };

/* One request for the file. */
struct transfer {
    struct fetch *f;
    bool begun;  /* the head was looked at, and its bytes are wanted */
    bool excess; /* more came than was promised */
    bool local;  /* writing failed */
    int local_errno;
};

/* 206 must go on exactly where the part ends. */
static bool fits_part(const struct fetch *f, const struct http_head *head)
{
    struct content_range range;
    return source_content_range_parse(span_of(head->content_range), &range) == ERR_OK &&
           range.first == f->part.size &&
           (f->size_bytes < 0 || range.total < 0 || range.total == f->size_bytes);
}

static bool fail(struct transfer *t)
{
    t->local = true;
    t->local_errno = errno;
    return false;
}

static bool begin(struct transfer *t, const struct http_head *head)
{
    struct fetch *f = t->f;
    memcpy(f->disposition, head->disposition, sizeof f->disposition);
    if (head->status == 206) {
        f->resumed = f->part.size > 0;
        return fits_part(f, head);
    }
    if (head->status != 200) {
        return false;
    }
    f->resumed = false;
    return part_begin(&f->part, span_of(head->etag)) == ERR_OK || fail(t);
}

static bool take(void *self, const struct http_head *head, struct span bytes)
{
    struct transfer *t = self;
    struct fetch *f = t->f;
    if (!t->begun && !begin(t, head)) {
        return false;
    }
    t->begun = true;
    if (f->size_bytes >= 0 && f->part.size + bytes.len > (uint64_t)f->size_bytes) {
        t->excess = true;
        return false;
    }
    if (part_write(&f->part, bytes) != ERR_OK) {
        return fail(t);
    }
    backoff_reset(&f->backoff);
    return true;
}

static bool tick(void *self, int64_t now_ms)
{
    struct fetch *f = ((struct transfer *)self)->f;
    progress_bytes(f->progress, f->part.size, f->size_bytes, now_ms);
    progress_draw(f->progress, now_ms);
    return true;
}

static bool whole(const struct fetch *f, enum net_end end)
{
    return f->size_bytes < 0 ? end == NET_DONE : f->part.size == (uint64_t)f->size_bytes;
}

/* An empty file has no bytes that would have called `take`. */
static void begin_empty(struct transfer *t, const struct http_head *head)
{
    if (head->status == 200 && !t->begun) {
        t->begun = begin(t, head);
    }
}

static enum transfer_end judge_status(struct fetch *f, long status, enum exit_code *code)
{
    switch (status) {
    case 416: /* the part is longer than the file: not its beginning */
        if (part_begin(&f->part, (struct span){0}) == ERR_OK) {
            return TRANSFER_CUT;
        }
        *code = EXIT_LOCAL;
        return TRANSFER_OVER;
    case 401:
    case 403:
    case 404:
    case 410:
        return TRANSFER_LINK;
    default:
        break;
    }
    if (status >= 400 && status < 500 && status != 408 && status != 429) {
        terminal_error(&f->cli->terminal, "job %s: the download link was answered with HTTP %ld",
                       f->job, status);
        *code = EXIT_REFUSED;
        return TRANSFER_OVER;
    }
    return TRANSFER_CUT;
}

static enum transfer_end judge(struct transfer *t, enum net_end end, const struct http_head *head,
                               enum exit_code *code)
{
    struct fetch *f = t->f;
    if (t->local) {
        terminal_error(&f->cli->terminal, "%s: %s", f->part.path, strerror(t->local_errno));
        *code = EXIT_LOCAL;
        return TRANSFER_OVER;
    }
    if (end == NET_INTERRUPTED || end == NET_TIMED_OUT) {
        *code = cli_net_failed(f->cli, end);
        return TRANSFER_OVER;
    }
    if (t->excess) {
        terminal_error(&f->cli->terminal, "job %s: the file is longer than the %lld bytes promised",
                       f->job, (long long)f->size_bytes);
        part_remove(&f->part);
        *code = EXIT_UNVERIFIED;
        return TRANSFER_OVER;
    }
    if (t->begun && whole(f, end)) {
        return TRANSFER_WHOLE;
    }
    if (end == NET_STOPPED && (head->status == 200 || head->status == 206)) {
        /* Not the bytes that were promised, or not from where we stand. */
        return part_begin(&f->part, (struct span){0}) == ERR_OK ? TRANSFER_CUT : TRANSFER_OVER;
    }
    return t->begun || head->status == 0 ? TRANSFER_CUT : judge_status(f, head->status, code);
}

enum transfer_end transfer_once(struct fetch *f, enum exit_code *code)
{
    char range[64], if_range[HEADER_SIZE];
    const char *header[] = {NULL, NULL, NULL};
    struct transfer t = {.f = f};
    struct http_head head;
    int64_t retry_after_s = -1;
    *code = EXIT_LOCAL;
    if (f->part.size > 0 && f->part.etag[0] != '\0') {
        (void)snprintf(range, sizeof range, "Range: bytes=%" PRIu64 "-", f->part.size);
        (void)snprintf(if_range, sizeof if_range, "If-Range: %s", f->part.etag);
        header[0] = range;
        header[1] = if_range;
    }
    const struct net_request q = {.method = "GET",
                                  .url = f->url,
                                  .header = header,
                                  .silence_ms_max = SILENCE_MS,
                                  .follow = true};
    const struct net_watch watch = {.self = &t, .take = take, .tick = tick};
    const enum net_end end = net_run(f->cli->net, &q, &watch, &head, &retry_after_s);
    if (end == NET_DONE) {
        begin_empty(&t, &head);
    }
    return judge(&t, end, &head, code);
}
