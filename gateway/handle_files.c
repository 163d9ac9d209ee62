/* GET /v1/download/files/<key>/<name>?…: an artifact of the store file:DIR. The signed link says
 * everything about the reply (core/link.h); the record is asked only whether the artifact still
 * counts, since its file outlives it by some seconds. While Redis is away the signature alone
 * decides. */
#include "base/clock.h"
#include "base/log.h"
#include "core/artifact_key.h"
#include "core/file_name.h"
#include "core/link.h"
#include "core/precondition.h"
#include "core/range.h"
#include "gateway/counters.h"
#include "gateway/handlers.h"
#include "gateway/loop.h"
#include "gateway/reply.h"
#include "gateway/transfer.h"
#include "ports/record_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ERR_DENIED: not a key that workers give; nothing else is opened. ERR_NOT_FOUND: it is gone.
 * *fd_out stays -1 for an artifact without bytes, of which nothing is stored. */
static enum err open_artifact(const char *store_dir, struct span key, int *fd_out, struct stat *st)
{
    bool empty = false;
    if (artifact_key_check(key, &empty) != ERR_OK) {
        return ERR_DENIED;
    }
    if (empty) {
        st->st_size = 0;
        return ERR_OK;
    }
    char path[PATH_MAX];
    const int len = snprintf(path, sizeof path, "%s/objects/%.*s", store_dir, SPAN_ARG(key));
    if (len < 0 || (size_t)len >= sizeof path) {
        return ERR_TOO_LARGE;
    }
    const int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        if (errno != ENOENT) {
            log_error("file.open", "%s: %s", path, strerror(errno));
        }
        return errno == ENOENT || errno == ELOOP ? ERR_NOT_FOUND : ERR_UNAVAILABLE;
    }
    if (fstat(fd, st) != 0 || !S_ISREG(st->st_mode)) {
        (void)close(fd);
        return ERR_NOT_FOUND;
    }
    *fd_out = fd;
    return ERR_OK;
}

/* Text built in the scratch buffer, copied to the request's pool. */
static struct span built(struct exchange *x)
{
    return exchange_copy(x, buf_as_span(&x->loop->scratch));
}

/* What names this version of the file: RFC 9110 §8.8. */
struct version {
    struct span etag;
    int64_t modified_s; /* -1: an artifact without bytes has no file, and no date */
};

static void add_version(struct exchange *x, const struct version *v)
{
    reply_header(x, H2O_TOKEN_ETAG, v->etag);
    if (v->modified_s >= 0) {
        char *date = exchange_alloc(x, HTTP_DATE_SIZE);
        reply_header(x, H2O_TOKEN_LAST_MODIFIED, http_date(v->modified_s, date));
    }
    reply_header(x, H2O_TOKEN_CACHE_CONTROL, SPAN("private"));
}

static void add_headers(struct exchange *x, const struct link *l, const struct version *v)
{
    struct buf *text = &x->loop->scratch;
    add_version(x, v);
    reply_header(x, H2O_TOKEN_ACCEPT_RANGES, SPAN("bytes"));
    reply_header_named(x, SPAN("x-content-type-options"), SPAN("nosniff"));
    buf_reset(text);
    file_name_disposition(l->file_name, text);
    reply_header_named(x, SPAN("content-disposition"), built(x));
    reply_header(x, H2O_TOKEN_CONTENT_TYPE,
                 l->content_type.len > 0 ? exchange_copy(x, l->content_type)
                                         : SPAN("application/octet-stream"));
}

static void add_content_range(struct exchange *x, const struct range *range, uint64_t size)
{
    buf_reset(&x->loop->scratch);
    range_content_range(range, size, &x->loop->scratch);
    reply_header_named(x, SPAN("content-range"), built(x));
}

static void close_if_open(int fd)
{
    if (fd >= 0) {
        (void)close(fd);
    }
}

/* Takes `fd`. */
static void send_file(struct exchange *x, const struct link *l, const struct version *v,
                      const struct range *range, int fd, uint64_t size)
{
    reply_begin(x, range->kind == RANGE_PART ? 206 : 200);
    add_headers(x, l, v);
    if (range->kind == RANGE_PART) {
        add_content_range(x, range, size);
    }
    if (range->len_bytes > 0 && !exchange_is_head(x)) {
        transfer_start(x, fd, range->first_byte, range->len_bytes);
        return;
    }
    close_if_open(fd);
    x->req->res.content_length = (size_t)range->len_bytes;
    h2o_send_inline(x->req, "", 0);
}

static struct range decide(struct exchange *x, const struct version *v, uint64_t size)
{
    struct range_request asked = {.etag = v->etag, .last_modified_s = v->modified_s};
    /* RFC 9110 §14.2: Range is for GET only. */
    if (!exchange_is_head(x)) {
        (void)exchange_header(x, "range", &asked.range);
        (void)exchange_header(x, "if-range", &asked.if_range);
    }
    return range_decide(&asked, size);
}

static enum precondition judge(struct exchange *x, const struct version *v)
{
    struct precondition_request asked = {.etag = v->etag, .last_modified_s = v->modified_s};
    (void)exchange_header_list(x, "if-match", &asked.if_match);
    (void)exchange_header_list(x, "if-none-match", &asked.if_none_match);
    (void)exchange_header(x, "if-modified-since", &asked.if_modified_since);
    (void)exchange_header(x, "if-unmodified-since", &asked.if_unmodified_since);
    return precondition_decide(&asked);
}

static void reply_unsent(struct exchange *x, const struct version *v, enum precondition verdict)
{
    if (verdict == PRECONDITION_FAILS) {
        reply_problem(x, PROBLEM_PRECONDITION_FAILED, (struct span){0});
        return;
    }
    reply_begin(x, 304);
    add_version(x, v);
    reply_empty(x);
}

/* Takes `fd`. */
static void reply_file(struct exchange *x, const struct link *l, int fd, const struct stat *st)
{
    struct buf *text = &x->loop->scratch;
    buf_reset(text);
    (void)buf_char(text, '"');
    (void)buf_span(text, l->key);
    (void)buf_char(text, '"');
    const struct version v = {.etag = built(x), .modified_s = fd >= 0 ? st->st_mtime : -1};
    const uint64_t size = (uint64_t)st->st_size;
    const enum precondition verdict = judge(x, &v);
    if (verdict != PRECONDITION_MET) {
        close_if_open(fd);
        reply_unsent(x, &v, verdict);
        return;
    }
    const struct range range = decide(x, &v, size);
    if (range.kind == RANGE_UNSATISFIABLE) {
        close_if_open(fd);
        add_content_range(x, &range, size);
        reply_problem(x, PROBLEM_RANGE_NOT_SATISFIABLE, (struct span){0});
        return;
    }
    send_file(x, l, &v, &range, fd, size);
}

static void refuse(struct exchange *x, enum err e)
{
    switch ((int)e) {
    case ERR_TIMEOUT:
        reply_problem(x, PROBLEM_LINK_EXPIRED, (struct span){0});
        break;
    case ERR_NOMEM:
        reply_err(x, e);
        break;
    case ERR_NOT_FOUND:
        reply_problem(x, PROBLEM_NOT_FOUND, (struct span){0});
        break;
    default:
        reply_problem(x, PROBLEM_LINK_INVALID, (struct span){0});
        break;
    }
}

static void serve(struct exchange *x, const struct link *l)
{
    struct stat st;
    int fd = -1;
    const enum err opened = open_artifact(x->loop->config->store_dir, l->key, &fd, &st);
    if (opened == ERR_DENIED) {
        refuse(x, opened);
    } else if (opened == ERR_NOT_FOUND) {
        reply_problem(x, PROBLEM_ARTIFACT_EXPIRED, (struct span){0});
    } else if (opened != ERR_OK) {
        reply_err(x, ERR_UNAVAILABLE);
    } else {
        reply_file(x, l, fd, &st);
    }
}

/* Only a record that could be read can say that the artifact is deleted or past retention. */
static void on_record(void *context, enum err err, const struct job_record *record)
{
    struct late *late = context;
    metrics_add(late->loop->counters, COUNT_IN_FLIGHT, -1);
    struct exchange *x = late_take(late);
    if (x == NULL) {
        return;
    }
    const struct link_parsed *parsed = x->state;
    const bool gone =
        err == ERR_NOT_FOUND || (err == ERR_OK && !span_eq(record->artifact_key, parsed->link.key));
    if (gone) {
        reply_problem(x, PROBLEM_ARTIFACT_EXPIRED, (struct span){0});
    } else {
        serve(x, &parsed->link);
    }
}

/* Asks the record of the artifact's job. False: it cannot be asked. */
static bool ask_record(struct exchange *x, struct span key)
{
    struct gateway_loop *loop = x->loop;
    struct span job_id, fence;
    struct late *late = span_cut(key, '.', &job_id, &fence) ? late_new(x) : NULL;
    if (late == NULL) {
        return false;
    }
    if (reader_get(loop->redis, job_id, on_record, late) != ERR_OK) {
        (void)late_take(late);
        return false;
    }
    metrics_add(loop->counters, COUNT_IN_FLIGHT, 1);
    metrics_add(loop->counters, COUNT_RECORD_READS, 1);
    return true;
}

void handle_files(struct exchange *x)
{
    struct gateway_loop *loop = x->loop;
    struct link_parsed *parsed = exchange_alloc(x, sizeof *parsed);
    const enum err verified =
        loop->links.signer == NULL
            ? ERR_NOT_FOUND
            : link_verify(loop->links.signer, x->path, x->query, clock_wall_ms() / 1000, parsed);
    if (verified != ERR_OK) {
        refuse(x, verified);
        return;
    }
    x->state = parsed;
    if (!ask_record(x, parsed->link.key)) {
        serve(x, &parsed->link);
    }
}
